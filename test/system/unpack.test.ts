import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { getxattr } from '../../src/system/xattr.ts';
import { sha256, TestLayer } from './layer.ts';
import { base256, members, tar } from './tar.ts';

const small = tar({ name: 'd/', type: '5' }, { name: 'd/f', data: 'hello' }, { name: 'd/l', type: '2', link: 'f' });

describe('unpacking a layer', () => {
  it('writes files, folders, links, fifos and devices with their modes, owners and times', async () => {
    using layer = new TestLayer();
    const umask = process.umask(0o077);
    await layer.unpack(
      tar(
        { name: './', type: '5', mode: 0o711, uid: 7 },
        { name: './d/', type: '5', mode: 0o3775, gid: 8, mtime: 1_111_111_111 },
        { name: './d/f', data: 'content', mode: 0o4755, uid: 1000, gid: 1001, mtime: 1_222_222_222 },
        { name: './d/g', data: 'x', mode: 0o666 },
        { name: './d/hard', type: '1', link: './d/f' },
        { name: './d/soft', type: '2', link: '../../../etc/passwd', uid: 5, mtime: 1_333_333_333 },
        { name: './d/fifo', type: '6', mode: 0o622 },
        { name: './d/null', type: '3', mode: 0o666, major: 1, minor: 3 },
        { name: './d/loop', type: '4', mode: 0o660, major: 7, minor: 0 },
        { name: './without/parents', data: '' },
      ),
    );
    process.umask(umask);
    const at = (name: string) => lstatSync(layer.path(name));
    expect(at('d')).toMatchObject({ mode: 0o43775, uid: 0, gid: 8, mtimeMs: 1_111_111_111_000 });
    expect(at('d/f')).toMatchObject({ mode: 0o104755, uid: 1000, gid: 1001, nlink: 2, mtimeMs: 1_222_222_222_000 });
    expect(at('d/g')).toMatchObject({ mode: 0o100666, uid: 0, gid: 0 });
    expect(at('d/soft')).toMatchObject({ uid: 5, mtimeMs: 1_333_333_333_000 });
    expect(readlinkSync(layer.path('d/soft'))).toBe('../../../etc/passwd');
    expect(at('d/fifo').isFIFO()).toBe(true);
    expect(at('d/null')).toMatchObject({ mode: 0o020666, rdev: 0x103 });
    expect(at('d/loop')).toMatchObject({ mode: 0o060660, rdev: 0x700 });
    expect(at('without')).toMatchObject({ mode: 0o40755, uid: 0 });
    expect(statSync(layer.diff).uid).toBe(0);
  });

  it('reports digests, sizes, compression and owners', async () => {
    for (const [pack, compression] of [
      [(x: Buffer) => x, 0],
      [gzipSync, 2],
      [zstdCompressSync, 4],
    ] as const) {
      using layer = new TestLayer();
      const raw = tar({ name: 'a', uid: 3, gid: 4 }, { name: '.wh.b', uid: 99 }, { name: 'c', uid: 2 });
      const blob = pack(raw);
      const expected = { expectedDigest: sha256(blob), expectedSize: blob.length, expectedDiffId: sha256(raw) };
      expect(await layer.unpack(blob, expected)).toEqual({
        compressedDigest: sha256(blob),
        compressedSize: blob.length,
        diffId: sha256(raw),
        diffSize: raw.length,
        compression,
        uids: [2, 3],
        gids: [0, 4],
      });
    }
  });

  it('gives the same whatever the size of the chunks', async () => {
    const big = Buffer.alloc(300_000, 'some text that repeats, ');
    const raw = tar({ name: 'big', data: big }, { name: 'd/', type: '5' }, { name: 'd/f', data: 'x'.repeat(700) });
    for (const pack of [gzipSync, zstdCompressSync, (x: Buffer) => x]) {
      for (const chunk of [1, 7, 511, 4096]) {
        using layer = new TestLayer();
        const blob = pack(raw);
        if (chunk === 1 && blob.length > 10_000) continue;
        expect((await layer.unpack(blob, { chunk })).diffId).toBe(sha256(raw));
        expect(readFileSync(layer.path('big')).equals(big)).toBe(true);
        expect((await layer.reassemble()).equals(raw)).toBe(true);
      }
    }
  });

  it('takes a blob of any size with bounded queues', async () => {
    using layer = new TestLayer();
    const raw = tar({ name: 'zeros', data: Buffer.alloc(50_000_000) });
    expect((await layer.unpack(gzipSync(raw), { chunk: 1000 })).diffSize).toBe(raw.length);
    expect((await layer.unpack(tar({ name: 'other', data: Buffer.alloc(50_000_000) }))).diffSize).toBe(raw.length);
  });

  it('works by zlib as by libisal', async () => {
    using layer = new TestLayer();
    const raw = Buffer.concat([small, small.subarray(0, 100)]);
    const blob = Buffer.concat([
      gzipSync(raw.subarray(0, 700)),
      gzipSync(''),
      gzipSync(raw.subarray(700), { level: 0 }),
    ]);
    expect((await layer.unpack(blob, { isal: false, chunk: 3 })).diffId).toBe(sha256(raw));
  });

  it('skips devices and marks opaque folders for unprivileged mounts when rootless', async () => {
    using layer = new TestLayer();
    const raw = tar({ name: 'null', type: '3', major: 1, minor: 3 }, { name: 'd/.wh..wh..opq' }, { name: '.wh.gone' });
    await layer.unpack(raw, { rootless: true });
    expect(readdirSync(layer.diff).toSorted()).toEqual(['d', 'gone']);
    expect(getxattr(layer.path('d'), 'user.overlay.opaque')?.toString()).toBe('y');
    expect(await layer.reassemble()).toEqual(raw);
  });

  it('accepts an empty blob, and a tar without its end', async () => {
    using layer = new TestLayer();
    expect((await layer.unpack(Buffer.alloc(0))).diffSize).toBe(0);
    await layer.unpack(members({ name: 'f', data: 'x' }));
    expect(readFileSync(layer.path('f'), 'utf8')).toBe('x');
  });

  it('can be aborted at any time', async () => {
    using layer = new TestLayer();
    const { createUnpacker } = await import('../../src/system/unpack.ts');
    const unpacker = createUnpacker({ dir: layer.diff, tarSplit: layer.tarSplit });
    unpacker.write(small.subarray(0, 600));
    await unpacker.abort();
    await expect(unpacker.finish()).rejects.toThrow('aborted');
    await unpacker.abort();
  });
});

describe('whiteouts', () => {
  it('become what overlayfs understands', async () => {
    using layer = new TestLayer();
    const raw = tar(
      { name: 'd/kept', data: 'k' },
      { name: 'd/.wh..wh..opq' },
      { name: '.wh.gone', uid: 5 },
      { name: 'e/.wh.x' },
    );
    await layer.unpack(raw);
    expect(getxattr(layer.path('d'), 'trusted.overlay.opaque')?.toString()).toBe('y');
    expect(readFileSync(layer.path('d/kept'), 'utf8')).toBe('k');
    for (const name of ['gone', 'e/x']) {
      expect(lstatSync(layer.path(name)).isCharacterDevice()).toBe(true);
      expect(lstatSync(layer.path(name)).rdev).toBe(0);
    }
    expect(lstatSync(layer.path('gone')).uid).toBe(5);
    expect(await layer.reassemble()).toEqual(raw);
  });

  it('give way to what the same layer adds later', async () => {
    using layer = new TestLayer();
    await layer.unpack(
      tar({ name: '.wh.f' }, { name: 'f', data: 'new' }, { name: '.wh.d' }, { name: 'd/', type: '5' }),
    );
    expect(readFileSync(layer.path('f'), 'utf8')).toBe('new');
    expect(getxattr(layer.path('d'), 'trusted.overlay.opaque')?.toString()).toBe('y');
  });

  it('may not remove what the same layer added before', async () => {
    using layer = new TestLayer();
    await expect(layer.unpack(tar({ name: 'f' }, { name: '.wh.f' }))).rejects.toThrow(
      'layer entry ".wh.f": removes "f"',
    );
  });

  it('of other tools than overlayfs are left out', async () => {
    using layer = new TestLayer();
    await layer.unpack(
      tar({ name: '.wh..wh.plnk/', type: '5' }, { name: '.wh..wh.plnk/1.2', data: 'x' }, { name: '.wh..wh.aufs' }),
    );
    expect(readdirSync(layer.diff)).toEqual([]);
  });
});

describe('tar formats', () => {
  const long = `${'a'.repeat(90)}/${'b'.repeat(90)}/${'c'.repeat(200)}`;

  it('take long names from PAX, GNU and ustar headers', async () => {
    using layer = new TestLayer();
    const raw = tar(
      { name: 'short', data: '1', pax: { path: `pax/${long}`, mtime: '1234567890.5', comment: '' } },
      { name: '././@LongLink', type: 'L', data: `gnu/${long}\0`, magic: 'ustar  \0' },
      { name: '././@LongLink', type: 'K', data: `${long}\0`, magic: 'ustar  \0' },
      { name: 'short', type: '2', link: 'short', magic: 'ustar  \0' },
      { name: 'name', prefix: 'prefix/of/it', data: '2' },
      { name: 'v7', magic: '\0\0\0\0\0\0\0\0', prefix: 'nothing' },
      { name: 'l', type: '2', link: 's', pax: { linkpath: long } },
    );
    await layer.unpack(raw);
    expect(readFileSync(layer.path(`pax/${long}`), 'utf8')).toBe('1');
    expect(lstatSync(layer.path(`pax/${long}`)).mtimeMs).toBe(1_234_567_890_500);
    expect(readlinkSync(layer.path(`gnu/${long}`))).toBe(long);
    expect(readlinkSync(layer.path('l'))).toBe(long);
    expect(readdirSync(layer.diff).toSorted()).toEqual(['gnu', 'l', 'pax', 'prefix', 'v7']);
    expect(await layer.reassemble()).toEqual(raw);
  });

  it('take numbers that octal digits cannot hold', async () => {
    using layer = new TestLayer();
    await layer.unpack(
      tar(
        { name: 'base256', edit: (block) => base256(3_000_000_000n, 8).copy(block, 108) },
        { name: 'pax', pax: { uid: '4000000000', gid: '77', size: '3' }, size: 0, data: 'abc' },
        { name: 'before-1970', edit: (block) => base256(-5n, 12).copy(block, 136) },
      ),
    );
    expect(lstatSync(layer.path('base256')).uid).toBe(3_000_000_000);
    expect(lstatSync(layer.path('pax'))).toMatchObject({ uid: 4_000_000_000, gid: 77, size: 3 });
    expect(lstatSync(layer.path('before-1970')).mtimeMs).toBe(-5000);
  });

  it('keep extended attributes, and those of folders apart from what is in them', async () => {
    using layer = new TestLayer();
    const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
    const acl = Buffer.from('0200000001000700ffffffff04000500ffffffff10000700ffffffff20000000ffffffff', 'hex');
    const raw = tar(
      { name: 'd/', type: '5', pax: { 'SCHILY.xattr.system.posix_acl_default': acl } },
      {
        name: 'd/f',
        data: 'x',
        uid: 1,
        mode: 0o4755,
        pax: { 'SCHILY.xattr.security.capability': capability, 'SCHILY.xattr.user.a=b': 'c' },
      },
      {
        name: 'd/l',
        type: '2',
        link: 'f',
        pax: { 'SCHILY.xattr.trusted.t': '1', 'SCHILY.xattr.security.selinux': 'no' },
      },
    );
    await layer.unpack(raw);
    expect(getxattr(layer.path('d/f'), 'security.capability')?.equals(capability)).toBe(true);
    expect(lstatSync(layer.path('d/f')).mode).toBe(0o104755);
    expect(getxattr(layer.path('d/l'), 'trusted.t')?.toString()).toBe('1');
    expect(getxattr(layer.path('d/l'), 'security.selinux')).toBeNull();
    expect(getxattr(layer.path('d'), 'system.posix_acl_default')?.equals(acl)).toBe(true);
  });

  it('keep names that are not UTF-8, and those that JSON must escape', async () => {
    using layer = new TestLayer();
    const raw = tar({ name: Buffer.from('b\xffd', 'latin1'), data: 'x' }, { name: 'q"\\\n\u{1F600}\u2028', data: 'y' });
    await layer.unpack(raw);
    expect(readdirSync(layer.diff, 'latin1')).toContain('b\xffd');
    expect(await layer.reassemble()).toEqual(raw);
  });

  for (const format of [
    'gnu',
    'posix --sparse-version=0.0',
    'posix --sparse-version=0.1',
    'posix --sparse-version=1.0',
    'oldgnu',
  ]) {
    it(`unpack sparse files of GNU tar's format ${format}`, async () => {
      using layer = new TestLayer();
      const from = `${layer.home}/diff.from`;
      mkdirSync(from);
      const fd = `${from}/sparse`;
      writeFileSync(fd, 'start');
      for (let i = 1; i < 60; i++)
        execFileSync('dd', [`of=${fd}`, 'conv=notrunc', 'bs=4096', `seek=${i * 20}`, 'status=none'], {
          input: `part ${i}`,
        });
      truncateSync(fd, 10_000_000);
      const raw = execFileSync('tar', ['--sparse', ...`-H ${format}`.split(' '), '-C', from, '-cf', '-', '.'], {
        maxBuffer: 1e8,
      });
      execFileSync('rm', ['-r', from], { input: '' });
      const content = readFileSync(await unpackTo(layer, raw));
      expect(raw.length).toBeLessThan(1_000_000);
      expect(content.length).toBe(10_000_000);
      expect(content.toString('latin1', 59 * 20 * 4096, 59 * 20 * 4096 + 7)).toBe('part 59');
      expect(lstatSync(layer.path('sparse')).blocks * 512).toBeLessThan(1_000_000);
      expect((await layer.reassemble()).equals(raw)).toBe(true);
    });
  }

  async function unpackTo(layer: TestLayer, raw: Buffer): Promise<string> {
    await layer.unpack(raw);
    return layer.path('sparse');
  }

  for (const format of ['gnu', 'ustar', 'posix', 'v7', 'oldgnu']) {
    it(`give the tree back that GNU tar packed as ${format}`, async () => {
      using layer = new TestLayer();
      const from = '/usr/share/zoneinfo/Europe';
      const raw = execFileSync('tar', ['-H', format, '-C', from, '-cf', '-', '.'], { maxBuffer: 1e8 });
      await layer.unpack(gzipSync(raw));
      expect(execFileSync('diff', ['-r', '--no-dereference', from, layer.diff], { encoding: 'utf8' })).toBe('');
      expect((await layer.reassemble()).equals(raw)).toBe(true);
    });
  }
});
