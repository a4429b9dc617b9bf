import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { putImage, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let image: TinyImage;
let name: string;

beforeEach(async () => {
  setting = await newSetting();
  image = tinyImage(4, 200_000);
  putImage(setting.registry, image);
  name = `${setting.registry.host}/library/tiny:latest`;
});

afterEach(() => setting.close());

/** Another process that pulls on the same store. */
function puller() {
  const source = (path: string) => JSON.stringify(join(import.meta.dirname, '../../src', path));
  const script = join(setting.files.dir, 'puller.ts');
  writeFileSync(
    script,
    `import { pullImage } from ${source('image/pull.ts')};
import { openStore } from ${source('storage/store.ts')};
const [graphRoot = '', runRoot = '', name = ''] = process.argv.slice(2);
await pullImage({ store: openStore({ graphRoot, runRoot }) }, name, { tlsVerify: false });
`,
  );
  const child = spawn(process.execPath, [script, setting.files.root, setting.files.runroot, name], {
    stdio: 'inherit',
  });
  return { kill: () => child.kill('SIGKILL'), ended: new Promise((resolve) => child.on('exit', resolve)) };
}

it('a pull that is killed while layers come in leaves nothing that the next one does not clean', async () => {
  const held: (() => void)[] = [];
  const halfway = new Promise<void>((resolve) => {
    setting.registry.lie = (request, response) => {
      const layer = image.layers.find(({ digest }) => request.url?.endsWith(digest));
      if (!layer) return false;
      response.writeHead(200, { 'content-length': layer.blob.length });
      response.write(layer.blob.subarray(0, layer.blob.length / 2));
      if (held.push(() => response.destroy()) === image.layers.length) resolve();
      return true;
    };
  });
  const process = puller();
  await halfway;
  process.kill();
  await process.ended;
  expect(setting.leftovers()).toMatchObject({ images: 0, layers: 0 });
  expect(setting.leftovers().folders).not.toEqual([]);

  setting.registry.lie = () => false;
  await setting.pull(name);
  expect(setting.leftovers()).toEqual({ images: 1, layers: 4, folders: [] });
});
