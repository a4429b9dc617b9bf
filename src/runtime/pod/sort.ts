import { TspodError } from '../../errors.ts';
import type { PodEntry } from './ps.ts';

type Order = (a: PodEntry, b: PodEntry) => number;

const orders: Record<string, Order> = {
  created: (a, b) => compare(b.Created, a.Created),
  id: (a, b) => compare(a.Id, b.Id),
  name: (a, b) => compare(a.Name, b.Name),
  number: (a, b) => a.Containers.length - b.Containers.length,
  status: (a, b) => compare(a.Status, b.Status),
};

/** --sort of `pod ps`. @throws BAD_ARGUMENT */
export function podOrder(name: string): Order {
  const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
  if (order) return order;
  const words = 'invalid option for --sort, options are: created, id, name, number, or status';
  throw new TspodError('BAD_ARGUMENT', words);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
