/** Writes tars byte by byte, also such as no tar program would write. */
export interface Member {
  name: string | Buffer;
  /** '0' file (default), '1' hard link, '2' symlink, '3' char, '4' block, '5' folder, '6' fifo, 'x', 'g', 'L', 'K', 'S'. */
  type?: string;
  data?: string | Buffer;
  link?: string;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  major?: number;
  minor?: number;
  /** In place of the data's length. */
  size?: number | Buffer;
  prefix?: string;
  /** Records of a PAX header that is put before. */
  pax?: Record<string, string | Buffer>;
  magic?: string;
  edit?: (header: Buffer) => void;
}

export function tar(...members: Member[]): Buffer {
  return Buffer.concat([...members.map(member), Buffer.alloc(1024)]);
}

/** Without the two zero blocks. */
export function members(...list: Member[]): Buffer {
  return Buffer.concat(list.map(member));
}

export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Base-256, for numbers that octal digits cannot hold. */
export function base256(value: bigint, size: number): Buffer {
  const out = Buffer.alloc(size);
  let rest = BigInt.asUintN(size * 8, value);
  for (let i = size - 1; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 255n);
  out[0] = value < 0n ? 0xff : (out[0] ?? 0) | 0x80;
  return out;
}

function member(m: Member): Buffer {
  const data = Buffer.from(m.data ?? '');
  const parts = [header(m, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  if (m.pax !== undefined) {
    const records = Buffer.concat(Object.entries(m.pax).map(([key, value]) => paxRecord(key, value)));
    parts.unshift(member({ name: 'PaxHeaders/x', type: 'x', data: records }));
  }
  return Buffer.concat(parts);
}

function header(m: Member, length: number): Buffer {
  const block = Buffer.alloc(512);
  const type = m.type ?? '0';
  Buffer.from(m.name).copy(block, 0, 0, 100);
  const octal = (value: number, at: number, size: number) => block.write(value.toString(8).padStart(size - 1, '0'), at);
  octal(m.mode ?? (type === '5' ? 0o755 : 0o644), 100, 8);
  octal(m.uid ?? 0, 108, 8);
  octal(m.gid ?? 0, 116, 8);
  if (Buffer.isBuffer(m.size)) m.size.copy(block, 124);
  else octal(m.size ?? length, 124, 12);
  octal(m.mtime ?? 1_000_000_000, 136, 12);
  block.write(type, 156);
  block.write(m.link ?? '', 157, 100);
  block.write(m.magic ?? 'ustar\x0000', 257, 'latin1');
  if (type === '3' || type === '4') {
    octal(m.major ?? 0, 329, 8);
    octal(m.minor ?? 0, 337, 8);
  }
  block.write(m.prefix ?? '', 345, 155);
  m.edit?.(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((a, b) => a + b, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
