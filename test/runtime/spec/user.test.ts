import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { parseGroup, parsePasswd } from '../../../src/runtime/spec/passwd.ts';
import { findUser } from '../../../src/runtime/spec/user.ts';
import { removeRootfs, rootfsWith, specOf } from './spec-of.ts';

afterEach(removeRootfs);

const passwd = `# comment
root:x:0:0:root:/root:/bin/sh
web:x:33:33::/var/www:/bin/false
broken line
77:x:5:5::/:/bin/sh
evil:x:4294967296:0::/:/bin/sh
`;
const group = 'root:x:0:\nweb:x:33:\nextra:x:50:web,other\nmore:x:51:web\n9:x:52:\n';
const database = { users: parsePasswd(passwd), groups: parseGroup(group) };

test.each([
  ['', { uid: 0, gid: 0, home: '/root', additionalGids: [], isRoot: true }],
  ['web', { uid: 33, gid: 33, home: '/var/www', additionalGids: [33, 50, 51], isRoot: false }],
  ['web:extra', { uid: 33, gid: 50, additionalGids: [50] }],
  ['33', { uid: 33, gid: 33, home: '/var/www', additionalGids: [33, 50, 51] }],
  ['1234', { uid: 1234, gid: 0, home: '/work', additionalGids: [0] }],
  ['1234:5678', { uid: 1234, gid: 5678 }],
  [':50', { uid: 0, gid: 50 }],
])('the user "%s" is %j', (spec, user) => {
  expect(findUser(spec, [], database, '/work')).toMatchObject(user);
});

test('CVE-2024-40635: a number stays a number, whatever /etc/passwd calls it', () => {
  expect(findUser('77', [], database).uid).toBe(77);
  expect(findUser('0:9', [], database).gid).toBe(9);
});

test.each(['4294967296', '2147483648', '0:99999999999', '-1', '99999999999999999999'])(
  'CVE-2024-40635: the user %s is out of range',
  (spec) => {
    expect(() => findUser(spec, [], database)).toThrow('uids and gids must be in range 0-2147483647');
  },
);

test('names that do not exist are refused', () => {
  expect(() => findUser('nosuch', [], database)).toThrow(
    'unable to find user nosuch: no matching entries in passwd file',
  );
  expect(() => findUser('web:nosuch', [], database)).toThrow(
    'unable to find group nosuch: no matching entries in group file',
  );
  expect(() => findUser('web', ['nosuch'], database)).toThrow('Unable to find group nosuch');
  expect(() => findUser('evil', [], database)).toThrow('unable to find user evil');
});

test('--group-add takes names and numbers', () => {
  expect(findUser('33:33', ['extra', '7'], database).additionalGids).toEqual([33, 50, 7]);
});

test('CVE-2024-9676: links in the image lead to nothing outside of it', async () => {
  const outside = rootfsWith({ passwd: 'mole:x:1:1::/:/bin/sh\n' });
  const rootfs = rootfsWith({ 'etc/group': '' });
  symlinkSync(join(outside, 'passwd'), join(rootfs, 'etc/passwd'));
  await expect(specOf(['-u', 'mole'], { rootfs })).rejects.toThrow('unable to find user mole');
});

test('CVE-2024-9676: a huge /etc/passwd is not read', async () => {
  const rootfs = rootfsWith({ 'etc/passwd': 'x'.repeat((1 << 20) + 1) });
  await expect(specOf(['-u', '5'], { rootfs })).rejects.toThrow('EFBIG');
});

test('a mount over /etc/passwd counts', async () => {
  const other = rootfsWith({ passwd: 'mine:x:44:45::/m:/bin/sh\n' });
  const spec = await specOf(['-u', 'mine', '-v', `${other}/passwd:/etc/passwd`]);
  expect(spec.process.user).toMatchObject({ uid: 44, gid: 45 });
  expect(spec.process.env).toContain('HOME=/m');
});
