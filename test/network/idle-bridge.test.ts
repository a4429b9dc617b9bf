import { afterEach, beforeEach, expect, test } from 'vitest';
import { bridgeExists, removeIdleBridge } from '../../src/network/idle-bridge.ts';
import { exec, must } from '../helpers/exec.ts';

const bridge = `tspidle${process.pid % 10_000}`;
const port = `tspport${process.pid % 10_000}`;
beforeEach(() => must('ip', ['link', 'add', bridge, 'type', 'bridge']));
afterEach(async () => {
  for (const name of [port, bridge]) await exec('ip', ['link', 'delete', name]);
});

test('a bridge without ports is deleted', () => {
  expect(bridgeExists(bridge)).toBe(true);
  removeIdleBridge(bridge);
  expect(bridgeExists(bridge)).toBe(false);
  removeIdleBridge(bridge);
});

test('a bridge that something is plugged into stays', async () => {
  await must('ip', ['link', 'add', port, 'master', bridge, 'type', 'veth', 'peer', 'name', `${port}p`]);
  removeIdleBridge(bridge);
  expect(bridgeExists(bridge)).toBe(true);
});
