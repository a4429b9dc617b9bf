import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { convertProfile, type SeccompProfile } from '../../../src/runtime/spec/seccomp-convert.ts';
import { defaultProfile } from '../../../src/runtime/spec/seccomp-default.ts';
import { removeRootfs, specOf } from './spec-of.ts';

afterEach(removeRootfs);

const target = { arch: 'amd64', caps: ['CAP_CHOWN'], kernel: [6, 1] as const };

function actionsOf(profile: SeccompProfile, name: string, caps: string[] = []) {
  const { syscalls } = convertProfile(profile, { ...target, caps });
  return syscalls.filter(({ names }) => names.includes(name)).map(({ action }) => action);
}

test('rules apply by capability, architecture and kernel', () => {
  const rule = (name: string, conditions: object) => ({ names: [name], action: 'SCMP_ACT_ALLOW', ...conditions });
  const profile: SeccompProfile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      rule('a', {}),
      rule('b', { includes: { caps: ['CAP_CHOWN'] } }),
      rule('c', { includes: { caps: ['CAP_CHOWN', 'CAP_KILL'] } }),
      rule('d', { excludes: { caps: ['CAP_CHOWN'] } }),
      rule('e', { includes: { arches: ['arm64'] } }),
      rule('f', { includes: { arches: ['amd64'] }, args: [] }),
      rule('g', { includes: { minKernel: '4.8' } }),
      rule('h', { includes: { minKernel: '6.2' } }),
      rule('i', { excludes: { arches: ['amd64'] } }),
      { name: 'j', action: 'SCMP_ACT_ALLOW' },
    ],
  };
  const names = convertProfile(profile, target).syscalls.flatMap((syscall) => syscall.names);
  expect(names).toEqual(['a', 'b', 'f', 'g', 'j']);
});

test('the own default profile agrees with the one of containers-common', () => {
  const path = '/usr/share/containers/seccomp.json';
  if (!existsSync(path)) return;
  const theirs = JSON.parse(readFileSync(path, 'utf8')) as SeccompProfile;
  for (const name of ['read', 'clone', 'mount', 'unshare', 'chroot', 'acct', 'settimeofday', 'kexec_load']) {
    expect([name, actionsOf(defaultProfile, name)]).toEqual([name, actionsOf(theirs, name)]);
  }
  expect(actionsOf(defaultProfile, 'chroot', ['CAP_SYS_CHROOT'])).toEqual(['SCMP_ACT_ALLOW']);
});

test('no system call is both allowed and denied without arguments', () => {
  for (const caps of [[], ['CAP_SYS_ADMIN'], ['CAP_BPF'], ['CAP_BPF', 'CAP_SYS_ADMIN', 'CAP_AUDIT_WRITE']]) {
    const { syscalls } = convertProfile(defaultProfile, { ...target, caps });
    const plain = syscalls.filter(({ args }) => !args);
    const allowed = plain.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap(({ names }) => names);
    const denied = plain.filter(({ action }) => action === 'SCMP_ACT_ERRNO').flatMap(({ names }) => names);
    expect(denied.filter((name) => allowed.includes(name))).toEqual([]);
  }
});

test('profiles: the default, one of the user, none', async () => {
  expect((await specOf([])).linux.seccomp?.syscalls.length).toBeGreaterThan(5);
  expect((await specOf(['--security-opt', 'seccomp=unconfined'])).linux.seccomp).toBeUndefined();
  const path = join(tmpdir(), `tspod-seccomp-${process.pid}.json`);
  try {
    writeFileSync(
      path,
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["chmod"],"action":"SCMP_ACT_ERRNO"}]}',
    );
    const seccomp = (await specOf(['--privileged', '--security-opt', `seccomp=${path}`])).linux.seccomp;
    expect(seccomp).toEqual({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['chmod'], action: 'SCMP_ACT_ERRNO' }],
    });
    writeFileSync(path, 'no JSON');
    await expect(specOf(['--security-opt', `seccomp=${path}`])).rejects.toThrow(
      `loading seccomp profile (${path}) failed`,
    );
  } finally {
    rmSync(path);
  }
});
