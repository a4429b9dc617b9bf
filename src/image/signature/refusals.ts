/** Why none of an image's signatures will do, in Podman's words. */
export function summary(reasons: readonly string[], beside = ''): string {
  const [only] = reasons;
  if (only === undefined) return `A signature was required, but no signature exists${beside}`;
  if (reasons.length === 1) return only;
  return `None of the signatures were accepted, reasons: ${reasons.join('; ')}`;
}
