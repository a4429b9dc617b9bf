/** A time as records and events keep it: RFC 3339 in UTC with nanoseconds. Without an argument: now. */
export function timestamp(milliseconds: number = now()): string {
  const whole = Math.floor(milliseconds);
  const nanoseconds = Math.floor((milliseconds - whole) * 1e6);
  return new Date(whole).toISOString().replace('Z', `${String(nanoseconds).padStart(6, '0')}Z`);
}

/** What the clock showed when this file was loaded, less the time since boot. */
const origin = Date.now() - sinceBoot();

/** Milliseconds with a fraction; `performance` would do, but loading it takes 4 ms. */
function now(): number {
  return Math.max(origin + sinceBoot(), Date.now());
}

function sinceBoot(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
