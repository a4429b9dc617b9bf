/**
 * Addresses and subnets as numbers: parsing, printing in the canonical form (RFC 5952), and arithmetic. Without
 * node:net: loading it and its expression for IPv6 would cost every start of a container 5 ms.
 */

export interface Ip {
  version: 4 | 6;
  value: bigint;
}

/** An address with a prefix length; `ip` may have host bits. */
export interface Cidr {
  ip: Ip;
  prefix: number;
}

/** The address, or null when the text is none. An IPv4-mapped IPv6 address becomes IPv4, as in Go's net.IP. */
export function parseIp(text: string): Ip | null {
  if (!text.includes(':')) {
    const value = parseV4(text);
    return value === null ? null : { version: 4, value };
  }
  const value = parseV6(text);
  if (value === null) return null;
  return value >> 32n === 0xffffn ? { version: 4, value: value & 0xffffffffn } : { version: 6, value };
}

export function formatIp(ip: Ip): string {
  return ip.version === 4 ? formatV4(ip.value) : formatV6(ip.value);
}

/** `10.88.0.2/16`, or null when it is none. */
export function parseCidr(text: string): Cidr | null {
  const [address = '', length = '', ...more] = text.split('/');
  const ip = parseIp(address);
  if (!ip || more.length > 0 || !/^\d{1,3}$/.test(length)) return null;
  const prefix = Number(length);
  return prefix <= width(ip) ? { ip, prefix } : null;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp(cidr.ip)}/${cidr.prefix}`;
}

/** The subnet's first address, with no host bits. */
export function networkAddress({ ip, prefix }: Cidr): Ip {
  const host = BigInt(width(ip) - prefix);
  return { version: ip.version, value: (ip.value >> host) << host };
}

/** The subnet's last address (the broadcast address of IPv4). */
export function lastAddress(cidr: Cidr): Ip {
  const host = BigInt(width(cidr.ip) - cidr.prefix);
  return { version: cidr.ip.version, value: networkAddress(cidr).value | ((1n << host) - 1n) };
}

export function contains(cidr: Cidr, ip: Ip): boolean {
  if (cidr.ip.version !== ip.version) return false;
  const host = BigInt(width(ip) - cidr.prefix);
  return cidr.ip.value >> host === ip.value >> host;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return contains(a, networkAddress(b)) || contains(b, networkAddress(a));
}

export function addTo(ip: Ip, count: bigint): Ip {
  return { version: ip.version, value: ip.value + count };
}

/** Number of bits of an address of this kind. */
export function width(ip: Ip): number {
  return ip.version === 4 ? 32 : 128;
}

function parseV4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return BigInt(parts.reduce((sum, part) => sum * 256 + Number(part), 0));
}

/** Eight groups, of which one run of zeros may be `::`; the last two may be written as IPv4. */
function parseV6(text: string): bigint | null {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return null;
  const left = groupsOf(head, tail === undefined);
  const right = groupsOf(tail ?? '', true);
  if (!left || !right) return null;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array.from({ length: missing }, () => 0), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const v4 = last && index === parts.length - 1 && part.includes('.') ? parseV4(part) : null;
    if (v4 !== null) groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function formatV4(value: bigint): string {
  const number = Number(value);
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
