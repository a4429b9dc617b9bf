/**
 * Adds fields that JSON leaves out because they are empty (Go's omitempty), and that templates can name all the same.
 */
export function withOmitted<T extends object>(object: T, omitted: object): T {
  for (const [name, value] of Object.entries(omitted)) {
    if (!(name in object)) Object.defineProperty(object, name, { value, enumerable: false });
  }
  return object;
}
