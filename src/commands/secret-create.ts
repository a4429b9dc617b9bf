import { readFileSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { checkDriver, Secrets } from '../storage/secrets.ts';

export default defineCommand({
  usage: 'create [options] NAME FILE|-',
  describe: 'Create a new secret',
  long: 'Create a secret. Input can be a path to a file or "-" (read from stdin). Secret drivers "file" (default).',
  flags: {
    driver: { type: 'string', alias: 'd', default: 'file', describe: 'Specify secret driver', complete: 'none' },
    'driver-opts': {
      type: 'list',
      describe: 'Specify driver specific options',
      unsupported: 'the file driver keeps secrets in the store and has no options',
    },
    env: { type: 'boolean', describe: 'Read secret data from environment variable' },
    ignore: {
      type: 'boolean',
      describe: 'If a secret with the same name exists, ignore and do not create a new secret',
    },
    label: { type: 'list', alias: 'l', describe: 'Specify labels on the secret', complete: 'none' },
    replace: { type: 'boolean', describe: 'If a secret with the same name exists, replace it' },
  },
  operands: { min: 2, max: 2, complete: 'files' },
  examples: ['secret create mysecret /path/to/secret', 'secret create --env mysecret VARIABLE'],

  handler({ operands: [name = '', source = ''], driver, env, ignore, label, replace }, { engine, stdout }) {
    if (ignore && replace) {
      throw new TspodError('BAD_ARGUMENT', 'cannot use --ignore and --replace flags together');
    }
    checkDriver(driver);
    const labels = Object.fromEntries(label.map(pair));
    const data = env ? variable(source) : content(source);
    const existing = replace ? 'replace' : ignore ? 'ignore' : undefined;
    stdout(`${new Secrets(engine.paths.graphRoot).create({ name, data, labels, existing })}\n`);
  },
});

function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function variable(name: string): Buffer {
  const value = process.env[name];
  if (value) return Buffer.from(value);
  throw new TspodError('BAD_ARGUMENT', `cannot create store secret data: environment variable ${name} is not set`);
}

function content(path: string): Buffer {
  try {
    return readFileSync(path === '-' || path === '/dev/stdin' ? 0 : path);
  } catch (cause) {
    const reason = hasErrno(cause, 'ENOENT') ? 'no such file or directory' : messageOf(cause);
    throw new TspodError('SYSTEM', `open ${path}: ${reason}`, { cause });
  }
}
