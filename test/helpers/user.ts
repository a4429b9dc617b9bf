/**
 * A user of the machine for one test file: home, runtime folder, passwd and subordinate ids exist in a mount namespace
 * of their own, where the repository can be read and /dev/fuse and /dev/net/tun be opened. Nothing global changes.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ExecOptions, exec, type Result } from './exec.ts';
import { mirrorOf } from './tspod.ts';

export interface TestUser {
  uid: number;
  /** Everything of this user lives below here. */
  dir: string;
  home: string;
  runtimeDir: string;
  env: Record<string, string>;
  /** Path of the launcher script as this user sees it. */
  binary: string;
  /** Runs a program as this user. */
  run(argv: string[], options?: ExecOptions): Promise<Result>;
  tspod(...args: string[]): Promise<Result>;
  /** Fails the test on a non-zero status; returns standard output without its last newline. */
  ok(...args: string[]): Promise<string>;
  /** Runs a program as root in this user's mount namespace. */
  asRoot(argv: string[]): Promise<Result>;
  /** The process that holds the namespaces, 0 when there is none. */
  holder(): number;
  cleanup(): Promise<void>;
}

export interface TestUserOptions {
  /** Lines of /etc/subuid and /etc/subgid; by default one range of 65536. */
  ranges?: (uid: number) => string;
  /** The registry that stands for docker.io. */
  registry?: string;
  env?: Record<string, string>;
  /** Shell commands, as root, in the mount namespace, after everything is there: $HOME_DIR, $RUNTIME_DIR, $USER_ID. */
  setup?: string;
}

const repository = resolve(import.meta.dirname, '../..');
let made = 0;

export async function newUser(options: TestUserOptions = {}): Promise<TestUser> {
  // Ids that no other test process has at this time, as good as certainly.
  const uid = 200_000 + ((process.pid * 16 + made++) % 100_000);
  const dir = mkdtempSync(join(tmpdir(), 'tspod-user-'));
  chmodSync(dir, 0o755);
  writeEtc(dir, uid, options.ranges?.(uid) ?? `${uid}:${1_000_000 + (uid % 1000) * 65_536}:65536\n`);
  const [home, runtimeDir] = [join(dir, 'home'), `/run/user/${uid}`];
  writeConf(dir, options.registry);
  execFileSync('chown', ['-R', `${uid}:${uid}`, home]);
  const keeper = await startKeeper({ dir, uid, home, runtimeDir, more: options.setup ?? '' });
  const env = { ...baseEnv(dir, home, runtimeDir), ...options.env };
  const binary = join(dir, 'repository/bin/tspod');
  const enter = ['--mount', `--target=${keeper.pid}`, '--'];
  const credentials = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'env', '-i'];
  const run = (argv: string[], { env: more, ...rest }: ExecOptions = {}) => {
    const words = Object.entries({ ...env, ...more }).flatMap(([k, v]) => (v === undefined ? [] : [`${k}=${v}`]));
    return exec('nsenter', [...enter, ...credentials, ...words, 'sh', '-c', 'cd && exec "$@"', 'sh', ...argv], rest);
  };
  const asRoot = (argv: string[]) => exec('nsenter', [...enter, ...argv]);
  const tspod = (...args: string[]) => run([binary, ...args]);
  const ok = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await tspod(...args);
    if (exitCode !== 0) throw new Error(`tspod ${args.join(' ')}: status ${exitCode}: ${stderr}`);
    return stdout.replace(/\n$/, '');
  };
  const holder = () => Number(readHolder(keeper, runtimeDir));
  const cleanup = async () => {
    await tspod('rm', '--all', '--force', '--time', '0');
    if (holder() > 1) await run(['kill', '-9', String(holder())]);
    // Where a test took the runtime folder away, the calls above made one in /tmp, with a holder of its own.
    const spare = `/tmp/storage-run-${uid}`;
    await run(['sh', '-c', `[ ! -f ${spare}/libpod/tmp/pause.pid ] || kill -9 "$(cat ${spare}/libpod/tmp/pause.pid)"`]);
    rmSync(spare, { recursive: true, force: true });
    keeper.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  return { uid, dir, home, runtimeDir, env, binary, run, tspod, ok, asRoot, holder, cleanup };
}

function readHolder({ pid }: ChildProcess, runtimeDir: string): string {
  try {
    return readFileSync(`/proc/${pid}/root${runtimeDir}/libpod/tmp/pause.pid`, 'latin1');
  } catch {
    return '0';
  }
}

function writeEtc(dir: string, uid: number, ranges: string): void {
  mkdirSync(join(dir, 'home/.config/containers'), { recursive: true });
  mkdirSync(join(dir, 'etc'));
  mkdirSync(join(dir, 'repository'));
  const home = join(dir, 'home');
  const passwd = readFileSync('/etc/passwd', 'utf8');
  writeFileSync(join(dir, 'etc/passwd'), `${passwd}u${uid}:x:${uid}:${uid}::${home}:/bin/sh\n`);
  writeFileSync(join(dir, 'etc/group'), `${readFileSync('/etc/group', 'utf8')}u${uid}:x:${uid}:\n`);
  for (const name of ['subuid', 'subgid']) writeFileSync(join(dir, 'etc', name), ranges);
}

function writeConf(dir: string, registry = '127.0.0.1:1'): void {
  const conf = join(dir, 'home/.config/containers');
  writeFileSync(join(conf, 'registries.conf'), mirrorOf(registry));
  writeFileSync(join(conf, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
}

function baseEnv(dir: string, home: string, runtimeDir: string): Record<string, string> {
  return {
    HOME: home,
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    XDG_RUNTIME_DIR: runtimeDir,
    // Compiled code that earlier calls of other tests made.
    XDG_CACHE_HOME: join(dir, 'home/.cache'),
    TMPDIR: '/tmp',
  };
}

interface Keeper {
  dir: string;
  uid: number;
  home: string;
  runtimeDir: string;
  more: string;
}

/** A process whose mount namespace all calls of the user are in. */
async function startKeeper({ dir, uid, home, runtimeDir, more }: Keeper): Promise<ChildProcess> {
  const script = `set -e
    mount --bind '${repository}' '${dir}/repository'
    for f in passwd group subuid subgid; do touch /etc/$f; mount --bind '${dir}/etc/'$f /etc/$f; done
    mkdir -p /run/user && mount -t tmpfs -o mode=755 tmpfs /run/user
    install -d -m 700 -o ${uid} -g ${uid} '${runtimeDir}'
    for d in net/tun:10:200 fuse:10:229; do
      IFS=: read -r name major minor <<END
$d
END
      [ -e /dev/$name ] || continue
      mknod -m 666 /run/user/node-$minor c $major $minor && mount --bind /run/user/node-$minor /dev/$name
    done
    HOME_DIR='${home}' RUNTIME_DIR='${runtimeDir}' USER_ID=${uid}
    ${more}
    echo ready
    exec sleep 100000`;
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((done, fail) => {
    child.stdout?.once('data', () => done());
    child.once('exit', (code) => fail(new Error(`the user's mount namespace: status ${code}`)));
  });
  return child;
}
