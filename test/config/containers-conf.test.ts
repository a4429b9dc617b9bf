import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadContainersConf } from '../../src/config/containers-conf.ts';
import { defaultContainersConf } from '../../src/config/containers-conf-defaults.ts';
import { containersConfFiles } from '../../src/config/containers-conf-files.ts';
import { mergeContainersConf } from '../../src/config/containers-conf-merge.ts';

let prefix = '';
beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), 'tspod-conf-'));
});
afterEach(() => rmSync(prefix, { recursive: true }));

function file(path: string, text: string): string {
  mkdirSync(dirname(join(prefix, path)), { recursive: true });
  writeFileSync(join(prefix, path), text);
  return join(prefix, path);
}

const env = { HOME: '/no/such/home' };
const load = (more = {}) => loadContainersConf({ prefix, env, uid: 0, ...more });

test('without files the defaults of Podman hold', () => {
  const { containers, engine, network } = load();
  expect(containers).toMatchObject({ pidsLimit: 2048, umask: '0022', shmSize: '65536k', ipcns: 'shareable' });
  expect(engine).toMatchObject({ stopTimeout: 10, detachKeys: 'ctrl-p,ctrl-q', pullPolicy: 'missing' });
  expect(network).toMatchObject({ defaultNetwork: 'podman', defaultSubnet: '10.88.0.0/16' });
});

test('files are merged in the order of Podman', () => {
  const home = join(prefix, 'home');
  const paths = [
    file('usr/share/containers/containers.conf', ''),
    file('etc/containers/containers.conf', ''),
    file('etc/containers/containers.conf.d/10-a.conf', ''),
    file('etc/containers/containers.conf.d/20-b.conf', ''),
    join(home, '.config/containers/containers.conf'),
    file('home/.config/containers/containers.conf.d/a.conf', ''),
    file('etc/containers/containers.conf.modules/mine.conf', ''),
    '/override',
  ];
  file('etc/containers/containers.conf.d/ignored.txt', '');
  const files = containersConfFiles({
    prefix,
    env: { HOME: home, CONTAINERS_CONF_OVERRIDE: '/override' },
    uid: 0,
    modules: ['mine.conf'],
  });
  expect(files.map(({ path }) => path)).toEqual(paths);
});

test('CONTAINERS_CONF stands for all files of the system', () => {
  const only = file('only.conf', '');
  expect(containersConfFiles({ prefix, env: { ...env, CONTAINERS_CONF: only } })).toEqual([{ path: only }]);
  expect(() => containersConfFiles({ env: { CONTAINERS_CONF: '/no/such' } })).toThrow(
    'CONTAINERS_CONF file: stat /no/such: no such file or directory',
  );
});

test('later files win key by key, and arrays are appended where they say so', () => {
  file(
    'usr/share/containers/containers.conf',
    '[containers]\npids_limit = 5\nenv = ["A=1"]\ndefault_capabilities = ["CHOWN", "cap_kill"]\n',
  );
  file(
    'etc/containers/containers.conf',
    '[containers]\nenv = ["B=2", {append=true}]\n[engine]\nruntime = "runc"\n[engine.runtimes]\nmine = ["/opt/mine"]\n',
  );
  const { containers, engine } = load();
  expect(containers).toMatchObject({
    pidsLimit: 5,
    env: ['A=1', 'B=2'],
    defaultCapabilities: ['CAP_CHOWN', 'CAP_KILL'],
  });
  expect(engine.runtime).toBe('runc');
  expect(engine.runtimes).toMatchObject({ mine: ['/opt/mine'], crun: expect.arrayContaining(['/usr/bin/crun']) });
});

test('keys that nobody knows are passed over', () => {
  file('etc/containers/containers.conf', '[containers]\nnosuch = 1\n[machine]\ncpus = 2\n[engine]\nnum_locks = 5\n');
  expect(load().containers.pidsLimit).toBe(2048);
});

test.each([
  ['[containers]\npids_limit = "many"', '"containers.pids_limit" must be a number'],
  ['[containers]\nenv = "A=1"', '"containers.env" must be an array of strings'],
  ['[containers]\nenv = [1]', '"containers.env" must be an array of strings'],
  ['[engine]\nruntimes = 5', '"engine.runtimes" must be a table'],
  ['containers = 5', '"containers" must be a table'],
  ['[containers\n', 'toml: line'],
  ['[containers]\numask = "9"', 'not a valid umask 9'],
  ['[containers]\nlog_size_max = 5', 'log size max should be negative or >= 8192'],
  ['[network]\ndefault_subnet_pools = [{base = "x", size = 24}]', 'invalid subnet pool ip "x"'],
])('%j is refused with the reason', (text, message) => {
  file('etc/containers/containers.conf', text);
  expect(() => load()).toThrow(message);
});

test('a missing module is an error that says where it was looked for', () => {
  expect(() => load({ modules: ['nosuch.conf'] })).toThrow('could not resolve module "nosuch.conf"');
});

test('append counts for the later files too, until one says otherwise', () => {
  const env = (...files: string[]) => {
    const conf = defaultContainersConf();
    for (const text of files) mergeContainersConf(conf, { containers: { env: JSON.parse(text) } }, 'test.conf');
    return conf.containers.env.filter((line) => !line.startsWith('PATH='));
  };
  expect(env('["A=1", {"append": true}]', '["B=2"]')).toEqual(['A=1', 'B=2']);
  expect(env('["A=1", {"append": true}]', '["B=2", {"append": false}]', '["C=3"]')).toEqual(['C=3']);
  expect(env('["A=1"]', '["B=2"]')).toEqual(['B=2']);
});
