import { writeFileSync } from 'node:fs';
import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { hasCode, messageOf, TspodError } from '../errors.ts';
import { findPod } from '../runtime/pod/pods.ts';
import { parseShare } from '../runtime/pod/share.ts';
import { makePod } from './make-pod.ts';
import { podCreateFlags } from './pod-create-flags.ts';

type PodCreateArgs = Args<typeof podCreateFlags>;

export default defineCommand({
  usage: 'create [options] [NAME]',
  describe: 'Create a new empty pod',
  long: `After creating the pod, the pod ID is printed to stdout.

  You can then start it at any time with the  podman pod start <pod_id> command. The pod will be created with the initial state 'created'.`,
  flags: podCreateFlags,
  operands: { max: 1 },
  passthrough: true,
  examples: ['pod create', 'pod create --label foo=bar mypod'],

  async handler(args, context) {
    const [operand] = args.operands;
    if (operand && args.name) refuse('cannot specify --name and NAME at the same time');
    const name = args.name || operand || '';
    const bare = args.share === 'none' || args.share === '';
    const infra = args.given.has('infra') ? args.infra : !bare;
    if (!infra) checkBare(args, bare);
    const shares = infra ? parseShare(args.share) : [];
    if (infra && shares.includes('cgroup') && args.shareParent) {
      const words =
        "cannot define the pod as the cgroup parent at the same time as joining the infra container's cgroupNS";
      refuse(`${words}: invalid argument`);
    }
    if (args.replace) await replace(name, context);
    const pod = await makePod({ name, infra, shares, shareParent: args.shareParent, args }, context);
    if (args.podIdFile) writeIdFile(args.podIdFile, pod.id);
    context.stdout(`${pod.id}\n`);
  },
});

/** What only makes sense with a container that holds the namespaces. */
function checkBare(args: PodCreateArgs, bare: boolean): void {
  const { given } = args;
  if (given.has('no-hosts')) refuse('cannot specify --no-hosts without an infra container');
  if (given.has('infra-name')) refuse('cannot set infra-name without an infra container');
  if (given.has('infra-image') || given.has('infra-command')) {
    const option = given.has('infra-image') ? 'InfraImage' : 'InfraCommand';
    refuse(`NoInfra and ${option} are mutually exclusive pod options: invalid pod spec`);
  }
  if (given.has('share') && !bare) refuse(`cannot set share(${args.share}) namespaces without an infra container`);
  if (args.publish.length > 0) refuse('you must have an infra container to publish port bindings to the host');
  for (const flag of ['ip', 'ip6', 'mac-address', 'network-alias']) {
    if (given.has(flag)) refuse(`cannot set --${flag} without infra container: invalid argument`);
  }
  if (given.has('network')) refuse('NoInfra and network modes cannot be used together');
  for (const flag of ['dns', 'dns-option', 'dns-search', 'add-host', 'hosts-file']) {
    if (given.has(flag)) refuse(`--infra=false and --${flag} are mutually exclusive pod options: invalid pod spec`);
  }
}

async function replace(name: string, { engine }: Context): Promise<void> {
  if (!name) refuse('cannot replace pod without --name being set');
  const { removePod } = await import('../runtime/pod/remove.ts');
  try {
    await removePod(engine, findPod(engine.state, name).id, { force: true });
  } catch (error) {
    if (!hasCode(error, 'NO_SUCH_POD')) throw error;
  }
}

function writeIdFile(path: string, id: string): void {
  try {
    writeFileSync(path, id);
  } catch (cause) {
    throw new TspodError('BAD_ARGUMENT', `failed to write pod ID to file: ${messageOf(cause)}`, { cause });
  }
}

function refuse(words: string): never {
  throw new TspodError('BAD_ARGUMENT', words);
}
