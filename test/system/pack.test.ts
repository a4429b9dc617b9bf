import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodeFrames } from '../../src/image/chunked/zstd.ts';
import { native } from '../../src/system/native.ts';
import { type PackOptions, packLayer } from '../../src/system/pack.ts';
import { sha256 } from '../fixtures/image.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/tspod-pack-`);
  mkdirSync(`${dir}/diff/folder`, { recursive: true });
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const unzstd = (bytes: Buffer) => Buffer.concat([...decodeFrames(bytes, 1e9)]);
const text = Buffer.from('some text that goes on and on, '.repeat(100_000));

function crcOf(bytes: Buffer): string {
  const state = Buffer.alloc(8);
  native().crc64(state, bytes);
  return state.toString('base64');
}

/** A tar-split of raw bytes, one file, raw bytes; `change` makes the line of the file something else. */
function writeSplit(name: string, content: Buffer, change: object = {}): Buffer {
  const [before, after] = [Buffer.from('before'), Buffer.from('after')];
  const file = { type: 1, name, size: content.length, payload: crcOf(content), ...change };
  const lines = [{ type: 2, payload: before.toString('base64') }, file, { type: 2, payload: after.toString('base64') }];
  writeFileSync(`${dir}/split.gz`, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  return Buffer.concat([before, content, after]);
}

async function packed(options: Partial<PackOptions> = {}) {
  const stream = packLayer({ folders: [`${dir}/diff`], tarSplit: `${dir}/split.gz`, ...options });
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return { bytes: Buffer.concat(parts), ...stream.result() };
}

it.each([
  ['none', {}, (bytes: Buffer) => bytes],
  ['gzip', { compression: 'gzip' }, gunzipSync],
  ['gzip without libisal', { compression: 'gzip', isal: false }, gunzipSync],
  ['gzip, level 9', { compression: 'gzip', level: 9 }, gunzipSync],
  ['zstd', { compression: 'zstd' }, unzstd],
  ['zstd, a frame for each file', { compression: 'zstd', perFile: true }, unzstd],
] as const)('%s: the stream is the tar, and its digests are told', async (_, options, decode) => {
  writeFileSync(`${dir}/diff/folder/text`, text);
  const tar = writeSplit('folder/text', text);
  const { bytes, digest, size, diffId, diffSize } = await packed(options);
  expect(decode(bytes).equals(tar)).toBe(true);
  expect({ digest, size, diffId, diffSize }).toEqual({
    digest: sha256(bytes),
    size: bytes.length,
    diffId: sha256(tar),
    diffSize: tar.length,
  });
});

it('the frames of a file hold that file alone', async () => {
  writeFileSync(`${dir}/diff/folder/text`, text);
  writeSplit('folder/text', text);
  const { bytes, files } = await packed({ compression: 'zstd', perFile: true });
  expect(files.length).toBe(1);
  const [file] = files;
  expect(unzstd(bytes.subarray(file?.start, file?.end)).equals(text)).toBe(true);
  expect(`sha256:${file?.digest}`).toBe(sha256(text));
});

it('written to a file, it is the same', async () => {
  writeFileSync(`${dir}/diff/folder/text`, text);
  const tar = writeSplit('folder/text', text);
  const fd = openSync(`${dir}/out`, 'w');
  const stream = packLayer({ folders: [`${dir}/diff`], tarSplit: `${dir}/split.gz`, compression: 'gzip' });
  await stream.writeTo(fd);
  closeSync(fd);
  expect(gunzipSync(readFileSync(`${dir}/out`)).equals(tar)).toBe(true);
  expect(stream.result().digest).toBe(sha256(readFileSync(`${dir}/out`)));
});

it('a full disk is said', async () => {
  writeFileSync(`${dir}/diff/folder/text`, text);
  writeSplit('folder/text', text);
  const fd = openSync('/dev/full', 'w');
  const stream = packLayer({ folders: [`${dir}/diff`], tarSplit: `${dir}/split.gz` });
  await expect(stream.writeTo(fd)).rejects.toMatchObject({ code: 'NO_SPACE' });
  closeSync(fd);
});

it('who stops reading stops the threads', async () => {
  writeFileSync(`${dir}/diff/folder/text`, Buffer.alloc(20_000_000, 'x'));
  writeSplit('folder/text', Buffer.alloc(20_000_000, 'x'));
  for await (const part of packLayer({ folders: [`${dir}/diff`], tarSplit: `${dir}/split.gz`, compression: 'zstd' })) {
    expect(part.length).toBeGreaterThan(0);
    break;
  }
});

it('names with any character are found', async () => {
  for (const name of ['folder/a "b" \\ c', 'folder/\u2028ü€😀', 'folder/\t']) {
    writeFileSync(`${dir}/diff/${name}`, text);
    const tar = writeSplit(name, text);
    expect((await packed()).diffId).toBe(sha256(tar));
  }
  const bytes = Buffer.from([0x66, 0xff, 0xfe]);
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/diff/`), bytes]), text);
  const tar = writeSplit('', text, { name: undefined, name_raw: bytes.toString('base64') });
  expect((await packed()).diffId).toBe(sha256(tar));
});

it('a name in the tar-split cannot lead out of the layer', async () => {
  writeFileSync(`${dir}/canary`, text);
  symlinkSync(`${dir}`, `${dir}/diff/out`);
  symlinkSync('../../..', `${dir}/diff/up`);
  for (const name of [
    '../canary',
    '../../../../canary',
    `${dir}/canary`,
    'out/canary',
    'up/canary',
    '/proc/self/exe',
  ]) {
    writeSplit(name, text);
    await expect(packed()).rejects.toThrow(/is missing: file integrity checksum failed/);
  }
});

it.each([
  ['a type that is unknown', { type: 'x' }],
  ['a size that is negative', { size: -1 }],
  ['a size beyond all numbers', { size: 1e30 }],
  ['a payload that is no base64', { payload: '!!!' }],
])('a tar-split with %s is broken', async (_, change) => {
  writeFileSync(`${dir}/diff/folder/text`, text);
  writeSplit('folder/text', text, change);
  await expect(packed()).rejects.toMatchObject({ code: 'CORRUPT_STORE' });
});

it('a tar-split that is cut off or no gzip is broken', async () => {
  writeFileSync(`${dir}/diff/folder/text`, text);
  writeSplit('folder/text', text);
  const whole = readFileSync(`${dir}/split.gz`);
  for (const bytes of [whole.subarray(0, whole.length - 9), Buffer.from('nothing'), Buffer.alloc(0)]) {
    writeFileSync(`${dir}/split.gz`, bytes);
    await expect(packed()).rejects.toThrow('its tar-split file is broken');
  }
  rmSync(`${dir}/split.gz`);
  await expect(packed()).rejects.toThrow('its tar-split file is missing');
});

it('another diff-id than the recorded one is noticed before the end of the stream', async () => {
  writeFileSync(`${dir}/diff/folder/text`, text);
  writeSplit('folder/text', text);
  const diffId = sha256('other');
  await expect(packed({ diffId, compression: 'gzip' })).rejects.toThrow('layer content incorrect digest');
});

it('frames are told apart, whatever their kind', async () => {
  const skippable = Buffer.from('502a4d1803000000616263', 'hex');
  const { zstdCompressSync } = await import('node:zlib');
  const frames = [
    zstdCompressSync(text),
    skippable,
    zstdCompressSync(Buffer.alloc(0)),
    zstdCompressSync(Buffer.from('x')),
  ];
  expect(unzstd(Buffer.concat(frames)).equals(Buffer.concat([text, Buffer.from('x')]))).toBe(true);
  expect(() => unzstd(Buffer.concat(frames).subarray(0, -1))).toThrow();
  expect(() => [...decodeFrames(Buffer.concat(frames), 10)]).toThrow();
});
