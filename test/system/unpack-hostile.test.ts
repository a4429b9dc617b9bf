/** Hostile and broken layers. After each: nothing outside the layer's folder has changed. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { getxattr } from '../../src/system/xattr.ts';
import { sha256, TestLayer } from './layer.ts';
import { base256, type Member, members, tar } from './tar.ts';

async function refused(...list: Member[]): Promise<string> {
  using layer = new TestLayer();
  const error = await layer.unpack(tar(...list)).then(
    () => undefined,
    (reason: Error & { code?: string }) => reason,
  );
  expect(layer.intact()).toBe(true);
  expect(error?.code).toBe('REFUSED_LAYER');
  return error?.message ?? '';
}

async function corrupt(blob: Uint8Array, options = {}): Promise<string> {
  using layer = new TestLayer();
  const error = await layer.unpack(blob, options).then(
    () => undefined,
    (reason: Error & { code?: string }) => reason,
  );
  expect(layer.intact()).toBe(true);
  expect(error?.code).toBe('CORRUPT_BLOB');
  return error?.message ?? '';
}

describe('names that lead out of the layer', () => {
  it('stay inside with "..": CVE-2014-9356, CVE-2026-23745', async () => {
    using layer = new TestLayer();
    await layer.unpack(tar({ name: '../../canary', data: 'a' }, { name: 'x/../../../y', data: 'b' }));
    expect(readFileSync(layer.path('canary'), 'utf8')).toBe('a');
    expect(readFileSync(layer.path('y'), 'utf8')).toBe('b');
    expect(layer.intact()).toBe(true);
  });

  it('stay inside when they are absolute', async () => {
    using layer = new TestLayer();
    await layer.unpack(tar({ name: `${layer.home}/canary`, data: 'a' }));
    expect(layer.intact()).toBe(true);
    expect(existsSync(layer.path(`${layer.home}/canary`))).toBe(true);
  });

  it('stay inside through symbolic links: CVE-2026-26960, CVE-2026-42574', async () => {
    using layer = new TestLayer();
    mkdirSync(layer.path('inside'));
    for (const link of [layer.home, '../..', '/']) {
      const name = `l${link.length}`;
      await layer
        .unpack(
          tar(
            { name, type: '2', link },
            { name: `${name}/canary`, data: 'evil' },
            { name: `${name}/made/deep`, data: 'x' },
          ),
        )
        .catch((error) => expect(error.code).toBe('REFUSED_LAYER'));
      expect(layer.intact()).toBe(true);
    }
  });

  it('stay inside through links of an earlier layer', async () => {
    using layer = new TestLayer();
    symlinkSync(layer.home, layer.path('esc'));
    await expect(layer.unpack(tar({ name: 'esc/canary', data: 'evil' }))).rejects.toThrow();
    await layer.unpack(tar({ name: 'esc/', type: '5' }, { name: 'esc/canary', data: 'ok' }));
    expect(layer.intact()).toBe(true);
    expect(lstatSync(layer.path('esc')).isDirectory()).toBe(true);
  });

  it('cannot make the root of the layer anything else', async () => {
    expect(await refused({ name: './', type: '2', link: '/etc' })).toContain('the root of a layer is a folder');
    expect(await refused({ name: 'a/..', data: 'x' })).toContain('the root of a layer is a folder');
  });
});

describe('hard links', () => {
  it('to a file of the host are refused: CVE-2026-24842', async () => {
    for (const link of ['../canary', '../../../../../../etc/shadow', 'a/../../canary']) {
      expect(await refused({ name: 'h', type: '1', link })).toContain('leaves the layer');
    }
    expect(await refused({ name: 'h', type: '1', link: '/etc/shadow' })).toContain('missing file');
  });

  it('through a symbolic link are refused: CVE-2026-26960', async () => {
    const up: Member = { name: 'up', type: '2', link: '..' };
    expect(await refused(up, { name: 'h', type: '1', link: 'up/canary' })).toContain('through a symbolic link');
    expect(await refused({ ...up, link: '/' }, { name: 'h', type: '1', link: 'up/etc/shadow' })).toContain(
      'through a symbolic link',
    );
  });

  it('never follow a link that is the target itself', async () => {
    using layer = new TestLayer();
    await layer.unpack(tar({ name: 's', type: '2', link: '/etc/passwd' }, { name: 'h', type: '1', link: 's' }));
    expect(lstatSync(layer.path('h')).isSymbolicLink()).toBe(true);
  });

  it('to folders, to themselves and to nothing are refused', async () => {
    expect(await refused({ name: 'd/', type: '5' }, { name: 'h', type: '1', link: 'd' })).toContain('folder');
    expect(await refused({ name: 'h', type: '1', link: './h' })).toContain('itself');
    expect(await refused({ name: 'h', type: '1', link: 'none' })).toContain('hard link to missing file "none"');
    expect(await refused({ name: 'f' }, { name: 'h', type: '1', link: 'f/x' })).toContain('missing file');
    expect(await refused({ name: 'h', type: '1', link: '' })).toContain('folder');
  });

  it('with an absolute target resolve in the layer', async () => {
    using layer = new TestLayer();
    await layer.unpack(tar({ name: 't', data: 'x' }, { name: 'h', type: '1', link: '/t' }));
    expect(lstatSync(layer.path('h')).nlink).toBe(2);
  });
});

describe('whiteouts', () => {
  it('of nothing, of the folder or of its parent are refused', async () => {
    for (const name of ['.wh.', '.wh..', '.wh...', 'd/.wh.', 'd/.wh...']) {
      expect(await refused({ name })).toContain('whiteout of no file');
    }
  });

  it('below a symbolic link hide nothing outside', async () => {
    using layer = new TestLayer();
    await layer.unpack(tar({ name: 'l', type: '2', link: layer.home }, { name: 'l/.wh.canary' })).catch(() => {});
    await layer.unpack(tar({ name: 'm', type: '2', link: '..' }, { name: 'm/.wh.canary' }, { name: 'm/.wh..wh..opq' }));
    expect(layer.intact()).toBe(true);
    expect(getxattr(layer.home, 'trusted.overlay.opaque')).toBeNull();
    expect(lstatSync(layer.path('canary')).isCharacterDevice()).toBe(true);
  });

  it('used as a folder are refused', async () => {
    expect(await refused({ name: 'a/.wh.b/c', data: 'x' })).toContain('whiteout used as a folder');
  });

  it('made as a character device 0:0 are refused', async () => {
    expect(await refused({ name: 'bin', type: '3' })).toContain('character device 0:0');
  });
});

describe('attributes that steer overlayfs', () => {
  it('are dropped', async () => {
    using layer = new TestLayer();
    const pax = Object.fromEntries(
      [
        'trusted.overlay.redirect',
        'trusted.overlay.metacopy',
        'trusted.overlay.opaque',
        'user.overlay.redirect',
        'trusted.kept',
      ].map((name) => [`SCHILY.xattr.${name}`, '/etc']),
    );
    await layer.unpack(tar({ name: 'd/', type: '5', pax }, { name: 'f', pax }));
    for (const name of ['d', 'f']) {
      for (const attribute of [
        'trusted.overlay.redirect',
        'trusted.overlay.metacopy',
        'trusted.overlay.opaque',
        'user.overlay.redirect',
      ]) {
        expect(getxattr(layer.path(name), attribute)).toBeNull();
      }
      expect(getxattr(layer.path(name), 'trusted.kept')?.toString()).toBe('/etc');
    }
  });
});

describe('ambiguous tars', () => {
  it('with the same path twice are refused', async () => {
    for (const second of ['f', './f', '/f', 'x/../f', 'f/']) {
      expect(await refused({ name: 'f', data: 'a' }, { name: second, data: 'b' })).toContain(
        'duplicates of file paths',
      );
    }
    expect(await refused({ name: 'd', type: '5' }, { name: 'd/', type: '5' })).toContain('duplicates');
  });

  it('that put a link where a folder with content is are refused', async () => {
    const list: Member[] = [
      { name: 'd/f', data: 'x' },
      { name: 'd', type: '2', link: '/etc' },
    ];
    expect(await refused(...list)).toContain('layer entry "d": a folder of the same layer is in its place');
  });

  it('with contradicting names are refused', async () => {
    const gnu: Member = { name: 'x', type: 'L', data: 'long' };
    expect(await refused(gnu, { name: 'f', pax: { path: 'other' } })).toContain('two long names');
    expect(await refused(gnu, gnu, { name: 'f' })).toContain('two long names');
  });

  it('with global headers that change entries are refused', async () => {
    for (const record of ['11 path=x\n', '10 size=5\n', '10 uid=33\n']) {
      expect(await refused({ name: 'g', type: 'g', data: record }, { name: 'f' })).toMatch(
        /global PAX header|malformed PAX/,
      );
    }
    using layer = new TestLayer();
    await layer.unpack(tar({ name: 'g', type: 'g', data: '18 comment=abcdef\n' }, { name: 'f' }));
    expect(readdirSync(layer.diff)).toEqual(['f']);
  });

  it('with types nobody knows are refused by name', async () => {
    for (const type of ['D', 'M', 'N', 'Z'])
      expect(await refused({ name: 'f', type })).toContain(`unsupported type "${type}"`);
  });
});

describe('malformed headers', () => {
  it('are refused', async () => {
    expect(await refused({ name: '' })).toContain('has no name');
    expect(await refused({ name: 'f', size: base256(-1n, 12) })).toContain('negative size');
    expect(await refused({ name: 'f', edit: (block) => base256(0xffffffffn, 8).copy(block, 108) })).toContain(
      'owner out of range',
    );
    expect(await refused({ name: 'f', edit: (block) => base256(-1n, 8).copy(block, 116) })).toContain(
      'owner out of range',
    );
    expect(await refused({ name: 'f', pax: { uid: '4294967295' } })).toContain('owner out of range');
    expect(await refused({ name: 'f', pax: { path: 'a\0b' } })).toContain('zero byte');
    expect(await refused({ name: 'f', pax: { size: '-5' } })).toContain('malformed size');
    expect(await refused({ name: 'f', pax: { mtime: 'soon' } })).toContain('malformed time');
    expect(await refused({ name: 'x', type: 'x', data: '99 path=a\n' }, { name: 'f' })).toContain('malformed PAX');
    expect(await refused({ name: 'x', type: 'x', data: Buffer.alloc(1_100_000, 'a') }, { name: 'f' })).toContain(
      'too long',
    );
    expect(await refused({ name: 'a', size: base256(1n << 63n, 12) })).toMatch(/negative size|invalid tar header/);
    expect(await refused({ name: 'f', pax: { path: 'n'.repeat(5000) } })).toContain('name too long');
    expect(await refused({ name: 'n'.repeat(99), pax: { path: 'n'.repeat(300) } })).toContain('File name too long');
  });

  it('with a wrong checksum are refused', async () => {
    using layer = new TestLayer();
    const raw = tar({ name: 'f' });
    raw[0] = 0x67;
    await expect(layer.unpack(raw)).rejects.toThrow('invalid tar header');
    await expect(layer.unpack(Buffer.alloc(5000, 'not a tar'))).rejects.toThrow('invalid tar header');
  });

  it('of sparse files are refused', async () => {
    const sparse = (map: string, data: string, size = '100'): Member => ({
      name: 'f',
      data,
      pax: { 'GNU.sparse.map': map, 'GNU.sparse.size': size, 'GNU.sparse.name': 's' },
    });
    expect(await refused(sparse('0,5,3,5', 'aaaaabbbbb'))).toContain('malformed sparse map');
    expect(await refused(sparse('0,5,98,5', 'aaaaabbbbb'))).toContain('malformed sparse map');
    expect(await refused(sparse('0,5', 'aaaaabbbbb'))).toContain('does not fit');
    expect(await refused(sparse('0', ''))).toContain('malformed sparse map');
    expect(await refused(sparse('18446744073709551615,5', 'aaaaa'))).toContain('malformed sparse map');
    const one = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '100' };
    expect(await refused({ name: 'f', pax: one, data: '99999999999\n'.padEnd(512) })).toContain(
      'too many sparse extents',
    );
    expect(await refused({ name: 'f', pax: one, data: 'x'.repeat(512) })).toContain('malformed sparse map');
    expect(await refused({ name: 'f', pax: one, data: '' })).toContain('malformed sparse map');
    expect(await refused({ name: 'f', pax: { ...one, 'GNU.sparse.minor': '7' } })).toContain('unknown sparse format');
  });

  it('name the entry without what a terminal would obey', async () => {
    expect(await refused({ name: 'a\x1b]52;c;x\x07', type: 'Z' })).toContain('layer entry "a\\x1b]52;c;x\\x07"');
  });
});

describe('broken blobs', () => {
  const raw = tar({ name: 'f', data: 'content '.repeat(1000) });
  const [gz, zst] = [gzipSync(raw), zstdCompressSync(raw)];

  it('that are cut short are refused', async () => {
    for (let cut = 1; cut < gz.length; cut += 7) expect(await corrupt(gz.subarray(0, cut))).not.toBe('');
    for (let cut = 7; cut < zst.length; cut += 7) expect(await corrupt(zst.subarray(0, cut))).not.toBe('');
    expect(await corrupt(members({ name: 'f', data: 'x'.repeat(600) }).subarray(0, 900))).toContain('unexpected end');
    expect(await corrupt(raw.subarray(0, 300))).toContain('unexpected end');
  });

  it('with a flipped bit are refused', async () => {
    const options = { expectedDigest: sha256(gz) };
    for (let at = 12; at < gz.length; at += 11) {
      const blob = Buffer.from(gz);
      blob[at]! ^= 0x10;
      for (const isal of [true, false]) expect(await corrupt(blob, { ...options, isal })).not.toBe('');
    }
  });

  it('with anything after the stream are refused', async () => {
    for (const isal of [true, false]) {
      expect(await corrupt(Buffer.concat([gz, Buffer.from('garbage after the end')]), { isal })).toContain('gzip');
      expect(await corrupt(Buffer.concat([gz, Buffer.from([0x1f])]), { isal })).toContain('unexpected end');
    }
    expect(await corrupt(Buffer.concat([zst, Buffer.from('garbage after the end')]))).not.toBe('');
  });

  it('with another digest, size or diff id than announced are refused', async () => {
    expect(await corrupt(gz, { expectedDigest: sha256(raw) })).toContain(
      `Digest did not match, expected ${sha256(raw)}`,
    );
    expect(await corrupt(gz, { expectedSize: gz.length - 1 })).toContain('larger than');
    expect(await corrupt(gz, { expectedSize: gz.length + 1 })).toContain('instead of');
    expect(await corrupt(gz, { expectedDiffId: sha256(gz) })).toContain('diff id');
  });

  it('in several members or frames are whole: RFC 1952 2.2', async () => {
    for (const pack of [gzipSync, zstdCompressSync]) {
      for (const isal of [true, false]) {
        using layer = new TestLayer();
        const parts = [raw.subarray(0, 600), Buffer.alloc(0), raw.subarray(600, 5000), raw.subarray(5000)];
        const blob = Buffer.concat(parts.map((part) => pack(part)));
        expect((await layer.unpack(blob, { chunk: 1, isal })).diffId).toBe(sha256(raw));
      }
    }
  });

  it('keep what follows the end of the tar', async () => {
    using layer = new TestLayer();
    const longer = Buffer.concat([raw, Buffer.alloc(40_000), Buffer.from('junk')]);
    await layer.unpack(gzipSync(longer));
    expect((await layer.reassemble()).equals(longer)).toBe(true);
  });

  it('in formats we do not read are refused by name', async () => {
    using layer = new TestLayer();
    for (const [magic, name] of [
      ['BZh91AY', 'bzip2'],
      ['\xfd7zXZ\0\0', 'xz'],
    ] as const) {
      await expect(layer.unpack(Buffer.from(magic, 'latin1'))).rejects.toThrow(
        expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining(name) }),
      );
    }
  });
});

describe('bombs', () => {
  it('stop at the number of entries', async () => {
    using layer = new TestLayer();
    const many = tar(...Array.from({ length: 50 }, (_, i) => ({ name: `f${i}` })));
    await expect(layer.unpack(many, { limits: { entries: 40 } })).rejects.toThrow('too many entries');
  });

  it('stop while there is still room on the disk: GHSA-gcpm-8w8q-gp9v', async () => {
    using layer = new TestLayer();
    const zeros = gzipSync(tar({ name: 'zeros', data: Buffer.alloc(40_000_000) }));
    await expect(layer.unpack(zeros, { limits: { keepFree: 2 ** 60 } })).rejects.toThrow(
      expect.objectContaining({ code: 'NO_SPACE', message: expect.stringContaining('no space left on device') }),
    );
  });

  it('stop when a zstd frame wants a window of 2 GiB', async () => {
    // Frame header: no checksum, no content size, window descriptor 31 - 10 << 3; then a raw last block of one byte.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x09, 0x00, 0x00, 0x41]);
    expect(await corrupt(frame)).toMatch(/memory|window/i);
  });

  it('take no disk for holes', async () => {
    using layer = new TestLayer();
    const pax = { 'GNU.sparse.map': '0,5', 'GNU.sparse.size': String(10 * 2 ** 30), 'GNU.sparse.name': 's' };
    await layer.unpack(tar({ name: 'x', data: 'hello', pax }));
    expect(lstatSync(layer.path('s'))).toMatchObject({ size: 10 * 2 ** 30, blocks: 8 });
  });

  it('of a full disk end with a clear error and no file outside', async () => {
    using layer = new TestLayer();
    const { mount, unmount } = await import('../../src/system/mount.ts');
    mount({ source: 'tmpfs', target: layer.diff, type: 'tmpfs', data: 'size=1m' });
    try {
      const blob = gzipSync(tar({ name: 'big', data: Buffer.alloc(5_000_000, 'x') }));
      await expect(layer.unpack(blob, { limits: { keepFree: 0 } })).rejects.toThrow(
        expect.objectContaining({ code: 'NO_SPACE', message: expect.stringContaining('layer entry "big"') }),
      );
    } finally {
      unmount(layer.diff);
    }
    expect(layer.intact()).toBe(true);
    writeFileSync(layer.path('still-usable'), '');
  });
});
