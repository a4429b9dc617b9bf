/**
 * Version and package of programs of the host. Asking them costs processes, so answers are kept in a file and looked
 * up by path, time of change and size.
 */
import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { callerUid } from '../../config/rootless.ts';
import { writeFileAtomic } from '../../system/atomic-file.ts';
import { run } from '../../system/spawn.ts';

export interface ProgramInfo {
  path: string;
  /** What `PROGRAM --version` prints. */
  version: string;
  /** `crun_1.28-1_amd64`; 'Unknown' when no package owns it. */
  package: string;
}

type Answers = Record<string, ProgramInfo>;

/** Facts of the program at `path`; empty texts where `path` is ''. */
export function programInfo(path: string): ProgramInfo {
  const key = keyOf(path);
  if (key === '') return { path, version: '', package: '' };
  const answers = readAnswers();
  const known = answers[key];
  if (known) return known;
  const info = { path, version: versionOf(path), package: packageOf(path) };
  saveAnswers({ ...answers, [key]: info });
  return info;
}

/** The first of `candidates` that can be run: names are looked up in PATH and the sbin folders. '' for none. */
export function findProgram(candidates: readonly string[]): string {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin'];
  for (const candidate of candidates) {
    const paths = candidate.includes('/') ? [candidate] : folders.map((folder) => `${folder}/${candidate}`);
    const found = paths.find(isExecutable);
    if (found !== undefined) return found;
  }
  return '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function keyOf(path: string): string {
  if (path === '') return '';
  try {
    const { mtimeMs, size } = statSync(path);
    return `${path} ${mtimeMs} ${size}`;
  } catch {
    return '';
  }
}

function versionOf(path: string): string {
  const result = tryRun(path, ['--version']);
  return result === null ? '' : result.replace(/\n$/, '');
}

/** Debian's, RPM's or Arch's name of the package. */
function packageOf(path: string): string {
  const [name] = (tryRun('dpkg-query', ['-S', path]) ?? '').split(':');
  if (name) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
    const format = '${Package}_${Version}_${Architecture}\n';
    const [debian = ''] = (tryRun('dpkg-query', ['-f', format, '-W', name]) ?? '').split('\n');
    if (debian !== '') return debian;
  }
  return tryRun('rpm', ['-q', '-f', path])?.trim() ?? 'Unknown';
}

function tryRun(file: string, args: string[]): string | null {
  try {
    const { status, stdout } = run({ file, args, timeoutMs: 5000 });
    return status === 0 ? stdout : null;
  } catch {
    return null;
  }
}

function cacheFile(): string {
  if (callerUid() === 0) return '/var/cache/tspod/programs.json';
  return `${process.env['XDG_CACHE_HOME'] || `${homedir()}/.cache`}/tspod/programs.json`;
}

function readAnswers(): Answers {
  try {
    return JSON.parse(readFileSync(cacheFile(), 'utf8')) as Answers;
  } catch {
    return {};
  }
}

/** Only saves time: where it cannot be written nothing is lost. */
function saveAnswers(answers: Answers): void {
  try {
    const file = cacheFile();
    mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true, mode: 0o755 });
    writeFileAtomic(file, JSON.stringify(answers), { mode: 0o644, sync: false });
  } catch {
    // A read-only file system, or no home.
  }
}
