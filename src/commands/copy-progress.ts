/** Progress of copied images on stderr: bars on a terminal, Podman's lines elsewhere. */
import type { Context } from '../cli/command.ts';
import type { CopyEvent, OnCopyEvent } from '../image/events.ts';
import { CopyBars } from './copy-bars.ts';

export interface CopyProgress {
  onProgress: OnCopyEvent;
  /** Call when the copy ended, well or not. */
  end(): void;
}

/** @param quiet print nothing but warnings */
export function copyProgress(context: Pick<Context, 'stderr' | 'stderrIsTerminal'>, quiet = false): CopyProgress {
  const bars = context.stderrIsTerminal && !quiet ? new CopyBars((text) => context.stderr(text)) : null;
  const onProgress = (event: CopyEvent) => {
    if (bars?.handles(event)) return;
    // A wait is worth a line even to those who want none: else they see a hang.
    const line = quiet && event.type !== 'retry' ? null : lineOf(event);
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
    case 'list':
      return 'Writing manifest list to image destination';
    case 'retry': {
      const { reason, attempt, tries, delay } = event;
      const words = `Failed, retrying in ${delay / 1000}s ... (${attempt}/${tries}). Error: ${reason}`;
      return `time="${new Date().toISOString().slice(0, 19)}Z" level=warning msg=${JSON.stringify(words)}`;
    }
    default:
      return null;
  }
}
