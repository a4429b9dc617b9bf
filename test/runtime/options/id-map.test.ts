import { describe, expect, it } from 'vitest';
import { parseIdMap, without } from '../../../src/runtime/options/id-map.ts';
import { refusal } from './command-line.ts';

const parent = [
  { containerID: 0, hostID: 1000, size: 1 },
  { containerID: 1, hostID: 100_000, size: 65_536 },
];

describe('--uidmap and --gidmap', () => {
  it.each([
    [['0:1:10'], [[0, 1, 10]]],
    [['0:1'], [[0, 1, 1]]],
    [
      ['10:1:5', '0:6:5'],
      [
        [0, 6, 5],
        [10, 1, 5],
      ],
    ],
    [['0:0:5', '5:5:5'], [[0, 0, 10]]],
    [['1:@100000:1'], [[1, 1, 1]]],
    [['g0:1:5', 'u0:9:5'], [[0, 9, 5]]],
    [
      ['+5:@1000:1'],
      [
        [1, 1, 4],
        [5, 0, 1],
        [6, 6, 65_531],
      ],
    ],
  ])('%j is read', (triples, expected) => {
    const map = parseIdMap(triples, 'UID', parent);
    expect(map.map(({ containerID, hostID, size }) => [containerID, hostID, size])).toEqual(expected);
  });

  it.each(['', '0', 'x:1:1', '0:1:0', '0:1:2:3', '0:4294967296:1', '-1:0:1'])('"%s" is refused', async (triple) => {
    expect(await refusal(['--uidmap', triple])).toContain('UID setting is malformed');
  });

  it('an id of the machine that is not delegated is refused', () => {
    expect(() => parseIdMap(['0:@5:1'], 'GID', parent)).toThrow('parent ID GID 5 is not mapped/delegated');
  });

  it('cuts what would clash on either side', () => {
    const map = [{ containerID: 0, hostID: 0, size: 100 }];
    expect(without(map, { containerID: 10, hostID: 50, size: 5 })).toEqual([
      { containerID: 0, hostID: 0, size: 10 },
      { containerID: 15, hostID: 15, size: 35 },
      { containerID: 55, hostID: 55, size: 45 },
    ]);
  });
});
