/** How often a failed pull is tried again: containers.conf says it, and flags say it better. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { newEngine } from '../helpers/tspod.ts';

it('retry and retry_delay of containers.conf hold unless flags say else', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const engine = newEngine({ containersConf: '[engine]\nretry = 2\nretry_delay = "1ms"\n' });
  try {
    const name = `127.0.0.1:${(server.address() as AddressInfo).port}/x:1`;
    const pull = (...flags: string[]) => engine.tspod('pull', '--tls-verify=false', ...flags, name);
    const { stderr, exitCode } = await pull();
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(/Failed, retrying in 0\.001s \.\.\. \(1\/2\)[\s\S]*\(2\/2\)/);
    expect(asked).toBe(3);
    asked = 0;
    await pull('--retry', '0');
    expect(asked).toBe(1);
  } finally {
    server.close();
    await engine.cleanup();
  }
});

it('help shows what containers.conf says', async () => {
  const engine = newEngine({ containersConf: '[engine]\nretry = 7\nretry_delay = "5s"\n' });
  const broken = newEngine({ containersConf: '[engine' });
  try {
    for (const command of ['pull', 'push', 'create']) {
      const help = await engine.ok(command, '--help');
      expect(help).toMatch(/--retry .*\(default 7\)/);
      expect(help).toMatch(/--retry-delay .*\(default "5s"\)/);
    }
    expect(await broken.ok('pull', '--help')).toMatch(/--retry .*\(default 3\)/);
  } finally {
    await engine.cleanup();
    await broken.cleanup();
  }
});
