/** Writes the seeds of addon-fuzz.cc: `node test/native/seeds.ts FOLDER`. One of each kind of thing a layer may hold. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { base256, tar } from '../system/tar.ts';

const sparse = { 'GNU.sparse.map': '0,5,600,5', 'GNU.sparse.size': '1000', 'GNU.sparse.name': 'sparse' };
const sparseOne = {
  'GNU.sparse.major': '1',
  'GNU.sparse.minor': '0',
  'GNU.sparse.name': 'one',
  'GNU.sparse.realsize': '99',
};
const everything = tar(
  { name: './', type: '5' },
  { name: 'd/', type: '5', mode: 0o2755, pax: { 'SCHILY.xattr.user.x': 'y', mtime: '1.5' } },
  { name: 'd/f', data: 'content '.repeat(300), uid: 1, pax: { path: 'd/longer-name', size: '2400' } },
  { name: 'x', type: 'L', data: `${'long/'.repeat(50)}name\0`, magic: 'ustar  \0' },
  { name: 'x', data: 'gnu', magic: 'ustar  \0', edit: (block) => base256(5n, 8).copy(block, 108) },
  { name: 'hard', type: '1', link: 'd/longer-name' },
  { name: 'soft', type: '2', link: '../../d' },
  { name: 'soft/x', data: 'through' },
  { name: 'fifo', type: '6' },
  { name: 'null', type: '3', major: 1, minor: 3 },
  { name: 'd/.wh..wh..opq' },
  { name: '.wh.gone' },
  { name: '../up', data: 'u' },
  { name: 's', data: 'aaaaabbbbb', pax: sparse },
  { name: 't', data: `${'1\n0\n5\n'.padEnd(512, '\0')}ccccc`, pax: sparseOne },
  { name: 'g', type: 'g', data: '13 comment=x\n' },
);
// Old GNU sparse: four extents in the header and one in a block that follows it.
const extent = (block: Buffer, at: number, offset: number) =>
  block.write(`${offset.toString(8).padStart(11, '0')} ${'5'.padStart(11, '0')} `, at);
const oldSparse = Buffer.alloc(512);
extent(oldSparse, 0, 4000);
const old = tar({
  name: 'old',
  type: 'S',
  magic: 'ustar  \0',
  size: 25,
  data: Buffer.concat([oldSparse, Buffer.from('aaaaabbbbbcccccdddddeeeee')]),
  edit(block) {
    for (let i = 0; i < 4; i++) extent(block, 386 + i * 24, i * 900);
    block[482] = 1;
    block.write('00000010000', 483);
  },
});
const folder = process.argv[2] ?? '.';
mkdirSync(folder, { recursive: true });
for (const name of ['tar', 'tar2', 'tar3']) writeFileSync(`${folder}/${name}`, everything);
writeFileSync(`${folder}/old`, old);
const members = [everything.subarray(0, 3000), everything.subarray(3000)].map((part) => gzipSync(part));
writeFileSync(`${folder}/gzip`, Buffer.concat(members));
writeFileSync(`${folder}/zstd`, zstdCompressSync(everything));
