/** Progress of copied images on stderr: bars on a terminal, Podman's lines elsewhere. */
import type { Context } from '../cli/command.ts';
import type { CopyEvent, OnCopyEvent } from '../image/events.ts';
import { CopyBars } from './copy-bars.ts';

export interface CopyProgress {
  onProgress: OnCopyEvent;
  /** Call when the copy ended, well or not. */
  end(): void;
}

/** @param quiet print nothing at all */
export function copyProgress(context: Pick<Context, 'stderr' | 'stderrIsTerminal'>, quiet = false): CopyProgress {
  if (quiet) return { onProgress: () => {}, end: () => {} };
  const bars = context.stderrIsTerminal ? new CopyBars((text) => context.stderr(text)) : null;
  const onProgress = (event: CopyEvent) => {
    if (bars?.handles(event)) return;
    const line = lineOf(event);
    if (line === null) return;
    bars?.finish();
    context.stderr(`${line}\n`);
  };
  return { onProgress, end: () => bars?.finish() };
}

function lineOf(event: CopyEvent): string | null {
  switch (event.type) {
    case 'note':
      return event.text;
    case 'trying':
      return `Trying to pull ${event.name}...`;
    case 'signatures':
      return 'Getting image source signatures';
    case 'blob':
      return `Copying blob ${event.digest}`;
    case 'config':
      return `Copying config ${event.digest}`;
    case 'manifest':
      return 'Writing manifest to image destination';
    default:
      return null;
  }
}
