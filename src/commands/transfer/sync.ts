/** `image sync`, and skopeo's `sync`. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { Args, Context } from '../../cli/command.ts';
import { messageOf, TspodError } from '../../errors.ts';
import { type SyncEnds, type SyncEvent, syncImages } from '../../image/sync/sync.ts';
import { signersOf } from '../signing-flags.ts';
import { manifestFamily } from './copy.ts';
import type { syncFlags } from './flags.ts';
import { sideOptions, targetOptions } from './side.ts';
import { policyOf, progressOf, type Report, remoteSystem, type TransferSystem } from './system.ts';

type SyncArgs = Args<typeof syncFlags>;

/** @throws TspodError */
export async function runSync(args: SyncArgs, context: Context, system: TransferSystem): Promise<void> {
  const ends = endsOf(args);
  const remote = remoteSystem(system);
  const progress = progressOf(context, system, args.dryRun);
  const report = system.report ?? plainReport(context);
  if (args.dryRun) report('warning', 'Running in dry-run mode', {});
  if (args.digestfile && !args.dryRun) writeFileSync(args.digestfile, '');
  const signers = await signersOf(args, context);
  try {
    await syncImages(context.engine, ends, {
      source: { ...remote, ...sideOptions(args, 'src') },
      target: { ...remote, ...targetOptions(args) },
      select: args.all ? 'all' : 'system',
      platform: system.platform,
      format: manifestFamily(args.format),
      preserveDigests: args.preserveDigests,
      removeSignatures: args.removeSignatures,
      signers,
      skipSame: true,
      ...policyOf(system),
      scoped: args.scoped,
      dryRun: args.dryRun,
      keepGoing: args.keepGoing,
      appendSuffix: args.appendSuffix ?? '',
      onProgress: progress.onProgress,
      onSync: (event) => tell(event, args, report),
    });
  } finally {
    progress.end();
  }
}

function endsOf({ src = '', dest = '', operands: [source = '', target = ''] }: SyncArgs): SyncEnds {
  if (src === '') throw bad('a source transport must be specified');
  if (src !== 'docker' && src !== 'dir' && src !== 'yaml') throw bad(`"${src}" is not a valid source transport`);
  if (dest === '') throw bad('a destination transport must be specified');
  if (dest !== 'docker' && dest !== 'dir') throw bad(`"${dest}" is not a valid destination transport`);
  if (src === 'dir' && dest === 'dir') {
    throw bad("sync from 'dir' to 'dir' not implemented, consider using rsync instead");
  }
  return { from: src, source, to: dest, target };
}

function tell(event: SyncEvent, { dryRun, digestfile }: SyncArgs, report: Report): void {
  switch (event.type) {
    case 'image': {
      const { from, to, position, of } = event;
      report('info', `${dryRun ? 'Would have copied' : 'Copying'} image ref ${position}/${of}`, { from, to });
      break;
    }
    case 'copied':
      if (digestfile) appendFileSync(digestfile, `${event.digest} ${event.to}\n`);
      break;
    case 'failed':
      report('error', `Error copying ref "${event.from}"`, { error: messageOf(event.error) });
      break;
    case 'warning':
      report('warning', event.text, {});
      break;
    case 'end':
      report(
        'info',
        `${dryRun ? 'Would have synced' : 'Synced'} ${event.images} images from ${event.sources} sources`,
        {},
      );
  }
}

function plainReport(context: Context): Report {
  return (_level, message, fields) => {
    const more = Object.entries(fields).map(([key, value]) => `, ${key} ${value}`);
    context.stderr(`${message}${more.join('')}\n`);
  };
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
