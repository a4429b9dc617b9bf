/**
 * The packet filter: one table of our own, `inet tspod`, whose rules never change. What differs from container to
 * container are elements of its sets and maps, so that a set-up or a tear-down is one short atomic `nft` run, however
 * many containers there are. Whenever that run fails (first container since boot, somebody flushed the rules, a
 * crash left something behind), the whole table is made again from the leases, again in one atomic run.
 */
import type { NetworkContext } from './context.ts';
import { renderTable } from './firewall-table.ts';
import type { Element, LeaseFile } from './leases.ts';
import { changeLeases } from './leases.ts';
import { nft } from './programs.ts';

export const TABLE = 'inet tspod';

/** Adds elements; when that is refused the table is made again (they are in the leases already). */
export async function addElements(context: NetworkContext, elements: Element[]): Promise<void> {
  if (!usesFirewall(context) || elements.length === 0) return;
  if ((await nft(script('add', elements), context.userNetns)).status === 0) return;
  await changeLeases(context, (file) => rebuildTable(context, file));
}

/** Takes elements out; the caller holds the lock, and `file` no longer holds them. */
export async function deleteElements(context: NetworkContext, file: LeaseFile, elements: Element[]): Promise<void> {
  if (!usesFirewall(context)) return;
  const kept = new Set(allElements(file).map(keyOf));
  const gone = elements.filter((element) => !kept.has(keyOf(element)));
  if (gone.length === 0) return;
  if ((await nft(script('delete', gone), context.userNetns)).status !== 0) await rebuildTable(context, file);
}

/** Makes the table from what the lease file says. The caller holds the lock. */
export async function rebuildTable(context: NetworkContext, file: LeaseFile): Promise<void> {
  if (!usesFirewall(context)) return;
  const elements = [...new Map(allElements(file).map((element) => [keyOf(element), element])).values()];
  const { status, stderr } = await nft(renderTable(TABLE, elements), context.userNetns);
  if (status !== 0) throw nft.failed(stderr);
}

function usesFirewall(context: NetworkContext): boolean {
  return context.conf.firewallDriver !== 'none';
}

/** A later lease comes later, so that it wins where two want one port: the older container is gone. */
function allElements(file: LeaseFile): Element[] {
  return [...Object.values(file.bridges), ...Object.values(file.leases).map((lease) => lease.elements)].flat();
}

function keyOf(element: Element): string {
  return `${element.set} ${element.key}`;
}

function script(verb: 'add' | 'delete', elements: Element[]): string {
  const bySet = Map.groupBy(elements, (element) => element.set);
  const lines = [...bySet].map(
    ([set, members]) => `${verb} element ${TABLE} ${set} { ${members.map(format).join(', ')} }`,
  );
  return `${lines.join('\n')}\n`;
}

/** An element as nft reads it. */
export function format(element: Element): string {
  return element.value === undefined ? element.key : `${element.key} : ${element.value}`;
}
