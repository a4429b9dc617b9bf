/** Headers of a tar archive in the ustar format, with pax records for what does not fit (POSIX.1-2001, pax). */

export type TarType = 'file' | 'link' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo';

const types: Record<TarType, string> = {
  file: '0',
  link: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

export interface TarEntry {
  /** Bytes as latin1, as are all names here. */
  name: string;
  type: TarType;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Seconds. */
  mtime: number;
  linkname?: string;
  major?: number;
  minor?: number;
  /** Pax records: extended attributes. */
  records: [key: string, value: Uint8Array][];
}

/** The header of an entry, with one for its pax records before it when there are any. */
export function tarHeader(entry: TarEntry): Buffer {
  const records = [...entry.records];
  const fitting = { ...entry };
  for (const [key, field] of [
    ['path', 'name'],
    ['linkpath', 'linkname'],
  ] as const) {
    const value = entry[field];
    if (!value || /^[\x20-\x7e]{1,99}$/.test(value)) continue;
    records.push([key, Buffer.from(value, 'latin1')]);
    fitting[field] = 'see-pax-header';
  }
  if (entry.size >= 8 ** 11) records.push(['size', Buffer.from(String(entry.size))]);
  if (records.length === 0) return block(fitting, types[entry.type]);
  const data = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const pax = { name: 'PaxHeaders', mode: 0o644, uid: 0, gid: 0, size: data.length, mtime: 0 };
  return Buffer.concat([block(pax, 'x'), data, padding(data.length), block(fitting, types[entry.type])]);
}

/** Zeros that fill the last block of a content of `size` bytes. */
export function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}

function block(entry: Omit<TarEntry, 'type' | 'records'>, type: string): Buffer {
  const { name, mode, uid, gid, size, mtime, linkname = '', major = 0, minor = 0 } = entry;
  const bytes = Buffer.alloc(512);
  bytes.write(name, 0, 100, 'latin1');
  const fields = [
    [mode, 100, 8],
    [uid, 108, 8],
    [gid, 116, 8],
    [Math.min(size, 8 ** 11 - 1), 124, 12],
    [mtime, 136, 12],
    [major, 329, 8],
    [minor, 337, 8],
  ] as const;
  for (const [value, offset, length] of fields) number(bytes, value, offset, length);
  bytes.write(`        ${type}`, 148, 'latin1');
  bytes.write(linkname, 157, 100, 'latin1');
  bytes.write('ustar\x0000', 257, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** Octal, or base-256 when it is too large or negative. */
function number(bytes: Buffer, value: number, offset: number, length: number): void {
  if (value >= 0 && value < 8 ** (length - 1)) {
    bytes.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1');
    return;
  }
  bytes.fill(value < 0 ? 0xff : 0, offset, offset + length);
  if (value >= 0) bytes[offset] = 0x80;
  bytes.writeBigInt64BE(BigInt(value), offset + length - 8);
  if (length === 8) bytes[offset] = value < 0 ? 0xff : 0x80;
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
