/** What pods are made of, without a container that runs: records, what is shared, status, limits. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container, ContainerConfig, ContainerStatus } from '../../src/runtime/container.ts';
import { initialState } from '../../src/runtime/container-state.ts';
import { cgroupFiles } from '../../src/runtime/pod/cgroup-files.ts';
import { podStatus } from '../../src/runtime/pod/members.ts';
import type { Pod } from '../../src/runtime/pod/pod.ts';
import { addPod, allPods, findPod, forgetPod, getPod, latestPod } from '../../src/runtime/pod/pods.ts';
import { parseShare } from '../../src/runtime/pod/share.ts';
import { openState, type StateDb } from '../../src/runtime/state.ts';
import type { CgroupFacts } from '../../src/system/cgroup.ts';

let dir = '';
let db: StateDb;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tspod-pods-'));
  db = openState({ stateDir: dir });
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const one = 'abc1'.padEnd(64, '0');
const two = 'abc2'.padEnd(64, '0');
const pod = (id: string, name: string) => ({ id, name }) as Pod;

function member(id: string, status: ContainerStatus, config: Partial<ContainerConfig> = {}): Container {
  return { config: { id, name: id, pod: one, ...config } as ContainerConfig, state: { ...initialState(), status } };
}

describe('the table of pods', () => {
  test('a pod is found by id, beginning of its id and name, and is gone once it is forgotten', () => {
    addPod(db, pod(one, 'shop'));
    for (const key of [one, 'abc1', 'a', 'shop']) expect(findPod(db, key).id).toBe(one);
    forgetPod(db, one);
    expect(getPod(db, one)).toBeNull();
    expect(() => findPod(db, 'shop')).toThrow('no pod with name or ID shop found: no such pod');
  });

  test('a name wins over the beginning of an id, and a beginning of several ids is ambiguous', () => {
    addPod(db, pod(one, 'shop'));
    addPod(db, pod(two, 'abc1'));
    expect(findPod(db, 'abc1').id).toBe(two);
    expect(() => findPod(db, 'abc')).toThrow('more than one result for ID or name abc');
  });

  test('neither another pod nor a container has the name of a pod', () => {
    addPod(db, pod(one, 'shop'));
    expect(() => addPod(db, pod(two, 'shop'))).toThrow('name "shop" is in use: pod already exists');
    db.add(member('c1', 'created', { name: 'web' }));
    expect(() => addPod(db, pod(two, 'web'))).toThrow('name "web" is in use: pod already exists');
    expect(allPods(db)).toHaveLength(1);
  });

  test('the latest pod is the one that was recorded last; without any there is none', () => {
    expect(() => latestPod(db)).toThrow('no such pod');
    addPod(db, pod(two, 'first'));
    addPod(db, pod(one, 'second'));
    expect(latestPod(db).name).toBe('second');
  });

  test('the containers of a pod are those that name it', () => {
    db.add(member('c1', 'created'));
    db.add(member('c2', 'created', { pod: '' }));
    db.add(member('c3', 'running'));
    expect(db.listOfPod(one).map(({ config }) => config.id)).toEqual(['c1', 'c3']);
  });

  test('a database from before there were pods gets the table and keeps its containers', () => {
    db.add(member('c1', 'created', { pod: '' }));
    db.close();
    const old = new DatabaseSync(join(dir, 'state.db'));
    old.exec('DROP TABLE pods; PRAGMA user_version = 1');
    old.close();
    db = openState({ stateDir: dir });
    addPod(db, pod(one, 'shop'));
    expect([db.get('c1')?.config.id, findPod(db, 'shop').id]).toEqual(['c1', one]);
  });
});

describe('the status of a pod', () => {
  test.each([
    [[], 'Created'],
    [['created', 'created'], 'Created'],
    [['running', 'running'], 'Running'],
    [['running', 'exited'], 'Degraded'],
    [['running', 'created'], 'Degraded'],
    [['paused', 'paused'], 'Paused'],
    [['exited', 'exited'], 'Exited'],
    [['exited', 'created'], 'Stopped'],
    [['paused', 'created'], 'Error'],
  ] as [ContainerStatus[], string][])('%j is %s', (statuses, expected) => {
    expect(podStatus(statuses.map((status, index) => member(`c${index}`, status)))).toBe(expected);
  });

  test('init containers do not count', () => {
    expect(podStatus([member('c1', 'running'), member('c2', 'exited', { initContainer: 'always' })])).toBe('Running');
  });
});

describe('--share', () => {
  test.each([
    ['ipc,net,uts', ['ipc', 'net', 'uts']],
    ['uts,ipc', ['ipc', 'uts']],
    ['+pid', ['ipc', 'net', 'pid', 'uts']],
    ['none', []],
    ['', []],
  ])('%j shares %j', (text, expected) => expect(parseShare(text)).toEqual(expected));

  test('another namespace is refused with those that there are', () => {
    const words = 'invalid kernel namespace to share: bogus. Options are: cgroup, ipc, net, pid, uts or none';
    expect(() => parseShare('net,bogus')).toThrow(words);
    expect(() => parseShare('constructor')).toThrow('invalid kernel namespace to share: constructor');
  });
});

describe('the limits of a pod as files', () => {
  const facts = (version: 1 | 2) => ({ version, hasFile: () => true }) as unknown as CgroupFacts;
  const limits = { memory: 64 << 20, memorySwap: 128 << 20, cpuPeriod: 100_000, cpuQuota: 50_000, cpuShares: 1024 };
  const text = (version: 1 | 2) => cgroupFiles(limits, facts(version)).map(({ name, value }) => `${name}=${value}`);

  test('on cgroup v1', () => {
    expect(text(1)).toEqual([
      'memory.limit_in_bytes=67108864',
      'memory.memsw.limit_in_bytes=134217728',
      'cpu.shares=1024',
      'cpu.cfs_period_us=100000',
      'cpu.cfs_quota_us=50000',
    ]);
  });

  test('on cgroup v2, where swap is counted apart and shares are weights', () => {
    expect(text(2)).toEqual([
      'memory.max=67108864',
      'memory.swap.max=67108864',
      'cpu.weight=39',
      'cpu.max=50000 100000',
    ]);
  });

  test('a rate names the device by its numbers', () => {
    const files = cgroupFiles({ deviceReadBps: [{ path: '/dev/null', rate: 1048576 }] }, facts(2));
    expect(files).toEqual([{ controller: 'io', name: 'io.max', value: '1:3 rbps=1048576' }]);
  });
});
