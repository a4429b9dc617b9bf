import type { RuntimeContext } from '../context.ts';
import type { Pod } from './pod.ts';

/** Notes what happened to a pod. */
export function podEvent({ journal }: RuntimeContext, { id, name, labels }: Pod, status: string): void {
  journal?.write({ ID: id, Name: name, Status: status, Type: 'pod', Attributes: labels });
}
