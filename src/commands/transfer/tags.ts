/** `registry list-tags` and skopeo's `list-tags`. */
import type { Args, Context } from '../../cli/command.ts';
import { printJson } from '../../cli/json.ts';
import { TspodError } from '../../errors.ts';
import { archiveTags } from '../../image/transport/docker-archive.ts';
import { transportOf } from '../../image/transport/parse.ts';
import { repositoryTags } from '../../image/transport/repository-tags.ts';
import { parseDocker, repositoryOf } from '../../registry/reference.ts';
import type { remoteFlags } from './flags.ts';
import { sideOptions } from './side.ts';
import { remoteSystem, type TransferSystem } from './system.ts';

/** @throws TspodError */
export async function runTags(args: Args<typeof remoteFlags>, context: Context, system: TransferSystem): Promise<void> {
  const [name = ''] = args.operands;
  const transport = transportOf(name)?.name;
  if (transport === undefined) throw bad(`invalid "${name}": does not specify a transport`);
  context.stdout(`${printJson(await list(transport, name, { args, context, system }), { escapeHtml: true })}\n`);
}

interface Call {
  args: Args<typeof remoteFlags>;
  context: Context;
  system: TransferSystem;
}

async function list(transport: string, name: string, { args, context, system }: Call): Promise<object> {
  if (transport === 'docker-archive') return { Tags: await archiveTags(name.slice('docker-archive:'.length)) };
  if (transport !== 'docker') {
    throw bad(`unsupported transport '${transport}' for tag listing. Only supported: docker, docker-archive`);
  }
  if (!name.startsWith('docker://')) throw bad(`docker: image reference ${name} does not start with docker://`);
  const reference = parseDocker(name.slice('docker://'.length));
  if (reference.tag !== '' || reference.digest !== '') throw bad('no tag or digest allowed in reference');
  const options = { ...remoteSystem(system), ...sideOptions(args) };
  return { Repository: repositoryOf(reference), Tags: await repositoryTags(context.engine, reference, options) };
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
