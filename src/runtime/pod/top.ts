/** The running processes of a pod, as `pod top` shows them. */
import { readlinkSync } from 'node:fs';
import type { RuntimeContext } from '../context.ts';
import { topContainer } from '../top.ts';
import { defaultDescriptors, findDescriptor } from '../top-descriptors.ts';
import { podMembers } from './members.ts';
import type { Pod } from './pod.ts';

/** Lines with tab-separated cells, the heading first. Containers that share a process namespace are shown once. */
export async function topPod(rt: RuntimeContext, pod: Pod, wanted: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const { config, state } of await podMembers(rt, pod)) {
    if (state.status !== 'running') continue;
    const namespace = pidNamespace(state.pid);
    if (seen.has(namespace)) continue;
    seen.add(namespace);
    const [heading = '', ...rows] = await topContainer(rt, config.id, wanted);
    if (lines.length === 0) lines.push(heading);
    lines.push(...rows);
  }
  return lines.length > 0 ? lines : [headings(wanted)];
}

function pidNamespace(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return `gone ${pid}`;
  }
}

function headings(wanted: readonly string[]): string {
  const names = wanted.flatMap((each) => each.split(',')).filter(Boolean);
  return (names.length > 0 ? names : defaultDescriptors)
    .map((name) => findDescriptor(name)?.header ?? name.toUpperCase())
    .join('\t');
}
