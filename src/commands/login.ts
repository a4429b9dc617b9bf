import { readFileSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { type Credentials, findCredentials } from '../config/auth.ts';
import { TspodError } from '../errors.ts';
import { areValid, credentialKey, loggedInUser, login } from '../image/login.ts';
import { authTarget } from './auth-file.ts';
import { promptLine } from './prompt.ts';
import { remoteOptions } from './registry-flags.ts';

const flags = defineFlags({
  authfile: { type: 'string', describe: 'File to keep the credentials in', complete: 'files' },
  'cert-dir': { type: 'string', describe: 'Folder with TLS certificates and keys', complete: 'files' },
  'compat-auth-file': { type: 'string', describe: 'File in the format of Docker', complete: 'files' },
  'get-login': { type: 'boolean', describe: 'Print the user who is logged in' },
  password: { type: 'string', alias: 'p', describe: 'Password', complete: 'none' },
  'password-stdin': { type: 'boolean', describe: 'Read the password from standard input' },
  secret: { type: 'string', describe: 'Take the password from a secret', complete: 'none' },
  'tls-verify': { type: 'boolean', describe: 'Require HTTPS with a valid certificate' },
  username: { type: 'string', alias: 'u', describe: 'User name', complete: 'none' },
  verbose: { type: 'boolean', alias: 'v', describe: 'Say where the credentials are kept' },
});

export default defineCommand({
  usage: 'login [options] [REGISTRY]',
  describe: 'Log in to a container registry',
  long: 'Checks a user name and password on a registry and keeps them for later commands.',
  flags,
  operands: { max: 1 },
  examples: ['login quay.io', 'login --username ... --password ... quay.io', 'login --authfile dir/auth.json quay.io'],
  async handler(given, context) {
    const args = given.secret ? await withSecret(given, given.secret, context) : given;
    const key = credentialKey(context.engine, args.operands[0]);
    const target = authTarget(args, context);
    const { authFile } = target;
    if (args.getLogin) return context.stdout(`${loggedInUser(key, authFile)}\n`);
    const { authfile: _, ...others } = args;
    const options = { ...remoteOptions(others), ...(authFile ? { authFile } : {}), target };
    const known = findCredentials(key, authFile);
    if (known && !args.username && !args.password && !args.passwordStdin && known.password) {
      context.stdout(`Authenticating with existing credentials for ${key}\n`);
      if (await areValid(context.engine, key, known, options)) {
        return context.stdout(`Existing credentials are valid. Already logged in to ${key}\n`);
      }
      context.stdout('Existing credentials are invalid, please enter valid username and password\n');
    }
    if (known?.identityToken) {
      throw new TspodError('BAD_CONFIG', 'currently logged in, auth file contains an Identity token');
    }
    const used = await login(context.engine, key, credentialsFrom(args, context, known), options);
    if (args.verbose) context.stdout(`Used:  ${used}\n`);
    context.stdout('Login Succeeded!\n');
  },
});

/** The secret's name is the user's too, unless one is given. */
async function withSecret(args: Args<typeof flags>, name: string, { engine }: Context): Promise<Args<typeof flags>> {
  if (args.password) throw bad('--secret can not be used with --password options');
  const { Secrets } = await import('../storage/secrets.ts');
  const password = new Secrets(engine.paths.graphRoot).data(name).data.toString();
  return { ...args, username: args.username || name, password };
}

function credentialsFrom(args: Args<typeof flags>, context: Context, known: Credentials | null): Credentials {
  if (args.passwordStdin && args.password) throw bad("can't specify both --password-stdin and --password");
  if (args.passwordStdin && !args.username) throw bad('must provide --username with --password-stdin');
  const shown = known?.username ? `Username (${known.username}): ` : 'Username: ';
  const username = args.username || promptLine(context, shown) || known?.username || '';
  const given = args.passwordStdin ? readFileSync(0, 'utf8').replace(/\r?\n/g, '') : args.password;
  return { username: username.trim(), password: given || promptLine(context, 'Password: ', { hidden: true }) };
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
