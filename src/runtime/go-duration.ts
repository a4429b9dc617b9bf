/** A duration as Go prints it: `1h2m3.5s`, `12.3ms`; nanoseconds in. */
export function goDuration(nanoseconds: number): string {
  const total = Math.max(0, Math.round(nanoseconds));
  if (total === 0) return '0s';
  if (total < 1000) return `${total}ns`;
  if (total < 1_000_000) return `${total / 1000}µs`;
  if (total < 1_000_000_000) return `${total / 1_000_000}ms`;
  const [hours, minutes] = [Math.floor(total / 3.6e12), Math.floor(total / 6e10) % 60];
  const seconds = `${(total % 6e10) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
