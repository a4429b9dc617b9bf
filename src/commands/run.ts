import { existsSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { messageOf, TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import { type AttachRequest, startContainer } from '../runtime/start.ts';
import { createFlags } from './create-flags.ts';
import { warner } from './for-each-container.ts';
import { makeContainer } from './make-container.ts';

const flags = defineFlags({
  ...createFlags,
  detach: { type: 'boolean', alias: 'd', describe: 'Run in the background and print the id' },
  'detach-keys': { type: 'string', describe: 'Keys that detach: one character, or ctrl-X, several joined by commas' },
  passwd: { type: 'boolean', default: true, describe: 'Add the user to /etc/passwd and /etc/group when missing there' },
  'preserve-fd': { type: 'csv', describe: 'Pass this file descriptor on' },
  'preserve-fds': { type: 'number', valueName: 'uint', describe: 'Pass this many file descriptors from 3 on' },
  rmi: { type: 'boolean', describe: 'Remove the image too when nobody else uses it; implies --rm' },
  'sig-proxy': { type: 'boolean', default: true, describe: 'Pass signals on to the process' },
});

type RunArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'run [options] IMAGE [COMMAND [ARG...]]',
  describe: 'Run a command in a new container',
  long: 'Makes a container from an image and starts it. The exit code is that of its command.',
  flags,
  operands: { min: 1, complete: 'images' },
  passthrough: true,
  // Podman's: what fails at the start cannot be invoked.
  exitCodes: { PORT_IN_USE: 126, NETWORK_FAILED: 126 },
  examples: ['run imageID ls -alF /etc', 'run --network=host imageID dnf -y install java', 'run -d -p 80:80 nginx'],
  async handler(args, context) {
    check(args, context);
    const attach = attachRequest(args, context);
    const options = { ...args, preserveFd: args.preserveFd.map(Number) };
    const container = await makeContainer(options, context, true);
    return args.detach ? runDetached(container, context) : runAttached(container, attach, context);
  },
});

async function runDetached({ config }: Container, context: Context): Promise<void> {
  await starting(startContainer(context.engine, config.id));
  if (!config.log.driver.startsWith('passthrough')) context.stdout(`${config.id}\n`);
}

async function runAttached({ config }: Container, attach: AttachRequest, context: Context): Promise<number> {
  const { exitCode } = await starting(startContainer(context.engine, config.id, { attach }));
  if (!attach.stdout && !attach.stderr) context.stdout(`${config.id}\n`);
  const code = (await exitCode) ?? 0;
  if (config.autoRemoveImage) await removeImage(config.imageName || config.imageId, context);
  return code;
}

/** As a shell has it: 127 for a command that is not there, 126 for any other reason not to start. */
async function starting<T>(start: Promise<T>): Promise<T> {
  try {
    return await start;
  } catch (cause) {
    if (!(cause instanceof TspodError) || cause.exitCode !== undefined) throw cause;
    const { code, message, hint } = cause;
    const exitCode = code === 'COMMAND_NOT_FOUND' ? 127 : 126;
    throw new TspodError(code, message, { cause, exitCode, ...(hint !== undefined && { hint }) });
  }
}

async function removeImage(name: string, context: Context): Promise<void> {
  const { removeImages } = await import('../image/remove.ts');
  const { errors } = await removeImages(context.engine, [name], { ignore: true });
  for (const error of errors) warner(context)(`Failed to remove image: ${messageOf(error)}`);
}

function check(args: RunArgs, context: Context): void {
  if (args.rmi && args.given.has('rm') && !args.rm) {
    throw new TspodError('BAD_ARGUMENT', 'the --rmi option does not work without --rm');
  }
  if (args.tty && args.interactive && !context.stdinIsTerminal) {
    warner(context)('The input device is not a TTY. The --tty and --interactive flags might not work properly');
  }
  if (args.preserveFds && args.preserveFd.length > 0) {
    throw new TspodError('BAD_ARGUMENT', 'cannot specify both --preserve-fds and --preserve-fd');
  }
  for (const fd of args.preserveFd.map(Number)) checkFd(fd, 'preserve-fd');
  for (let fd = 3; fd < 3 + (args.preserveFds ?? 0); fd += 1) checkFd(fd, 'preserve-fds');
}

function checkFd(fd: number, flag: string): void {
  if (isInherited(fd)) return;
  const words = `the ${flag} option requires that file descriptors must be passed`;
  throw new TspodError('BAD_ARGUMENT', `file descriptor ${fd} is not available - ${words}`);
}

/** The launcher says what was open before Node opened files of its own, which no container may get. */
function isInherited(fd: number): boolean {
  const inherited = process.env['TSPOD_INHERITED_FDS']?.split(' ');
  return inherited?.includes(String(fd)) === true && existsSync(`/proc/self/fd/${fd}`);
}

/** Standard input goes along only with -i, or when --attach names it. */
function attachRequest(args: RunArgs, { engine }: Context): AttachRequest {
  const given = args.given.has('attach');
  if (given && (args.logDriver ?? '').startsWith('passthrough')) {
    throw new TspodError('BAD_ARGUMENT', 'cannot specify --attach with --log-driver=passthrough: invalid argument');
  }
  const streams = args.attach.map((name) => name.toLowerCase());
  const unknown = streams.findIndex((name) => !['stdin', 'stdout', 'stderr'].includes(name));
  if (unknown >= 0) {
    const words = `invalid stream ${JSON.stringify(args.attach[unknown])} for --attach`;
    throw new TspodError('BAD_ARGUMENT', `${words} - must be one of stdin, stdout, or stderr: invalid argument`);
  }
  return {
    stdin: args.interactive || streams.includes('stdin'),
    stdout: !given || streams.includes('stdout'),
    stderr: !given || streams.includes('stderr'),
    detachKeys: args.detachKeys ?? engine.conf.engine.detachKeys,
    sigProxy: args.sigProxy,
  };
}
