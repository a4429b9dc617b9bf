/** Unpacking by a process that is root only in a user namespace. */
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/system/spawn.ts';
import { getxattr } from '../../src/system/xattr.ts';
import { TestLayer } from './layer.ts';
import { type Member, tar } from './tar.ts';

const script = `
import { readFileSync } from 'node:fs';
import { createUnpacker } from '${import.meta.dirname}/../../src/system/unpack.ts';
const [home, ignore] = process.argv.slice(2);
const unpacker = createUnpacker({ dir: home + '/diff', tarSplit: home + '/layer.tar-split.gz', ignoreChownErrors: ignore === 'ignore' });
unpacker.write(readFileSync(home + '/blob'));
unpacker.finish().then(() => console.log('done'), (error) => console.log(error.code, error.message));
`;

/** In a namespace in which only the ids 0 and 1 exist, which are 100000 and 100001 outside. */
function unpackThere(layer: TestLayer, members: Member[], ignore = ''): string {
  writeFileSync(`${layer.home}/blob`, tar(...members));
  writeFileSync(`${layer.home}/script.ts`, script);
  execFileSync('chown', ['-R', '100000:100000', layer.home]);
  chmodSync(layer.home, 0o755);
  const python = `
import os,sys
r,w=os.pipe(); r2,w2=os.pipe()
pid=os.fork()
if pid==0:
  __import__('ctypes').CDLL(None).unshare(0x10000000)
  os.write(w,b'x'); os.read(r2,1)
  os.setgroups([]); os.setresgid(0,0,0); os.setresuid(0,0,0)
  os.execv(sys.argv[1],sys.argv[1:])
os.read(r,1)
for kind in ('uid','gid'): open('/proc/%d/%s_map'%(pid,kind),'w').write('0 100000 2')
os.write(w2,b'x')
sys.exit(os.waitpid(pid,0)[1])`;
  const args = [
    '-c',
    python,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    `${layer.home}/script.ts`,
    layer.home,
    ignore,
  ];
  const { stdout, stderr } = run({ file: 'python3', args });
  return (stdout + stderr).trim();
}

describe('unpacking in a user namespace', () => {
  it('skips devices, keeps whiteouts, and marks opaque folders so that the user can mount them', () => {
    using layer = new TestLayer();
    const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');
    const members: Member[] = [
      { name: 'null', type: '3', major: 1, minor: 3 },
      { name: 'fifo', type: '6' },
      { name: '.wh.gone' },
      { name: 'd/.wh..wh..opq' },
      {
        name: 'f',
        data: 'x',
        uid: 1,
        gid: 1,
        mode: 0o4755,
        pax: { 'SCHILY.xattr.security.capability': capability, 'SCHILY.xattr.trusted.x': 'y' },
      },
    ];
    expect(unpackThere(layer, members)).toBe('done');
    expect(readdirSync(layer.diff).toSorted()).toEqual(['d', 'f', 'fifo', 'gone']);
    expect(lstatSync(layer.path('gone')).isCharacterDevice()).toBe(true);
    expect(lstatSync(layer.path('f'))).toMatchObject({ uid: 100001, gid: 100001, mode: 0o104755 });
    expect(getxattr(layer.path('d'), 'user.overlay.opaque')?.toString()).toBe('y');
    expect(getxattr(layer.path('f'), 'trusted.x')).toBeNull();
  });

  it('names owners that the namespace lacks, and goes on if that was asked for', () => {
    using layer = new TestLayer();
    const members: Member[] = [
      { name: 'f', uid: 1000, gid: 1000 },
      { name: 'd/', type: '5', uid: 1000 },
    ];
    expect(unpackThere(layer, members)).toMatch(
      /^REFUSED_LAYER layer entry "f": potentially insufficient UIDs or GIDs available in user namespace \(requested 1000:1000\)/,
    );
    using other = new TestLayer();
    expect(unpackThere(other, members, 'ignore')).toBe('done');
    expect(lstatSync(other.path('f')).uid).toBe(100000);
  });
});
