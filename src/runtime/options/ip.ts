/** Whether a text is an address. node:net takes 4 ms to load, which most calls do not need to spend. */

/** Four decimal bytes, as inet_pton reads them. */
export function isIPv4(text: string): boolean {
  return /^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)$/.test(text) && !/(^|\.)0\d/.test(text);
}

export function isIPv6(text: string): boolean {
  return text.includes(':') && process.getBuiltinModule('node:net').isIPv6(text);
}

export function isIP(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}
