/** The built library, as a program that imports it sees it. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { must } from '../helpers/exec.ts';
import { mirrorOf, newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
beforeAll(() => {
  engine = newEngine({ registries: mirrorOf(inject('registry')) });
});
afterAll(() => engine.cleanup());

test('a program pulls, creates, starts, waits, lists and removes without the command line', async () => {
  const program = `
    import { Engine, listContainers, newContainer, pullImage, removeContainer, startContainer, waitContainer } from ${JSON.stringify(resolve(import.meta.dirname, '../../dist/index.js'))};
    const engine = new Engine({ root: ${JSON.stringify(engine.root)}, runroot: ${JSON.stringify(engine.runroot)} });
    await pullImage(engine, 'busybox', { policy: 'missing', quiet: true });
    const { config } = await newContainer(engine, { image: 'busybox', command: ['sh', '-c', 'exit 7'], name: 'lib', network: ['none'] });
    await startContainer(engine, config.id);
    const exitCode = await waitContainer(engine, config.id);
    const names = (await listContainers(engine, { all: true })).map((entry) => entry.Names ?? entry.names).flat();
    await removeContainer(engine, config.id);
    const left = await listContainers(engine, { all: true });
    console.log(JSON.stringify({ exitCode, names, left: left.length }));
    engine.close();
  `;
  const output = await must(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    env: engine.env,
  });
  expect(JSON.parse(output)).toEqual({ exitCode: 7, names: ['lib'], left: 0 });
});

test('a program types into a terminal of its size, and follows the log to its end', async () => {
  const program = `
    import { connectContainer, containerLogs, Engine, newContainer, pullImage, resizeTerminal, startContainer } from ${JSON.stringify(resolve(import.meta.dirname, '../../dist/index.js'))};
    const engine = new Engine({ root: ${JSON.stringify(engine.root)}, runroot: ${JSON.stringify(engine.runroot)} });
    await pullImage(engine, 'busybox', { policy: 'missing', quiet: true });
    const container = await newContainer(engine, { image: 'busybox', command: ['sh', '-c', 'read go; stty size; echo "$go"'], tty: true, network: ['none'] });
    const { id } = container.config;
    await startContainer(engine, id);
    await resizeTerminal(engine, id, 20, 70);
    const socket = await connectContainer(engine, id);
    let seen = '';
    socket.onPacket((stream, data) => { seen += stream + ':' + data; });
    const log = (async () => {
      let text = '';
      for await (const { data } of containerLogs(engine, engine.state.get(id), { tail: -1, follow: true })) text += data;
      return text;
    })();
    await socket.write(Buffer.from('gone\\n'));
    await socket.closed;
    const late = await connectContainer(engine, id).catch((error) => error.code);
    console.log(JSON.stringify({ seen: /2:.*20 70/s.test(seen), log: (await log).split('\\r\\n').slice(-3), late }));
    engine.close();
  `;
  const output = await must(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    env: engine.env,
  });
  expect(JSON.parse(output)).toEqual({ seen: true, log: ['20 70', 'gone', ''], late: 'CONTAINER_STATE' });
});

test('an error carries its code', async () => {
  const program = `
    import { Engine, hasCode, newContainer } from ${JSON.stringify(resolve(import.meta.dirname, '../../dist/index.js'))};
    const engine = new Engine({ root: ${JSON.stringify(engine.root)}, runroot: ${JSON.stringify(engine.runroot)} });
    await newContainer(engine, { image: 'no-such-image' }).catch((error) => console.log(hasCode(error, 'NO_SUCH_IMAGE'), error.message));
  `;
  const output = await must(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    env: engine.env,
  });
  expect(output).toBe('true no-such-image: image not known\n');
});
