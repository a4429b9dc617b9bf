import type { NewEvent } from '../storage/event-log.ts';
import type { ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';

/** Notes what happened to a container. */
export function containerEvent(
  { journal }: RuntimeContext,
  config: ContainerConfig,
  Status: string,
  more: Partial<NewEvent> = {},
): void {
  journal?.write({
    ID: config.id,
    Image: config.imageName,
    Name: config.name,
    Status,
    Type: 'container',
    PodID: config.pod,
    Attributes: config.labels,
    ...more,
  });
}

/** Notes what happened to a volume. */
export function volumeEvent({ journal }: RuntimeContext, Status: string, Name: string): void {
  journal?.write({ Name, Status, Type: 'volume' });
}

/** Notes that a network was made or removed. */
export function networkEvent(
  { journal }: RuntimeContext,
  Status: string,
  { name, id, driver }: { name: string; id: string; driver: string },
): void {
  journal?.write({ ID: id, network: name, Status, Type: 'network', Attributes: { driver } });
}
