/** The ports of a container: published ones with a host port each, and the exposed ones. */
import type { PortMapping } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { parseProtocols, parsePublish, parseRange } from './ports.ts';

export interface Ports {
  ports: PortMapping[];
  /** `80/tcp`, sorted by number. */
  exposedPorts: string[];
}

/** Free ports are asked of the kernel; whether they are still free is seen when the container starts. */
export async function buildPorts({ options, image }: BuildInput): Promise<Ports> {
  const exposed = exposedPorts([...Object.keys(image?.config.config?.ExposedPorts ?? {}), ...options.expose]);
  const published = joinRanges(options.publish.flatMap(parsePublish));
  const wanted = options.publishAll ? [...published, ...unpublished(exposed, published)] : published;
  const ports: PortMapping[] = [];
  for (const port of wanted)
    ports.push(port.hostPort > 0 ? port : { ...port, hostPort: await freePort(port, [...wanted, ...ports]) });
  return { ports, exposedPorts: exposed };
}

function exposedPorts(list: string[]): string[] {
  const found = new Set<string>();
  for (const entry of list) {
    const [range = '', protocol = 'tcp', extra] = entry.split('/');
    if (extra !== undefined) badArgument('invalid expose format - protocol can only be specified once');
    const { start, length } = parseRange(range);
    for (const name of parseProtocols(protocol)) {
      for (let port = start; port < start + length; port += 1) found.add(`${port}/${name}`);
    }
  }
  return [...found].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
}

function unpublished(exposed: string[], published: PortMapping[]): PortMapping[] {
  return exposed.flatMap((entry) => {
    const [number = '', name = ''] = entry.split('/');
    const containerPort = Number(number);
    const isCovered = published.some(
      (port) =>
        port.protocol === name &&
        containerPort >= port.containerPort &&
        containerPort < port.containerPort + port.range,
    );
    const [protocol] = parseProtocols(name);
    return isCovered || !protocol ? [] : [{ hostIp: '', hostPort: 0, containerPort, protocol, range: 1 }];
  });
}

/** Neighbours with the same distance become one range; two uses of one host port exclude each other. */
function joinRanges(ports: PortMapping[]): PortMapping[] {
  const fixed = ports.filter((port) => port.hostPort > 0);
  const joined: PortMapping[] = [];
  for (const port of fixed.sort((a, b) => a.hostPort - b.hostPort || a.containerPort - b.containerPort)) {
    const before = joined.findLast((other) => other.hostIp === port.hostIp && other.protocol === port.protocol);
    if (!before || before.hostPort + before.range < port.hostPort) {
      joined.push({ ...port });
    } else if (port.hostPort - before.hostPort === port.containerPort - before.containerPort) {
      before.range = Math.max(before.range, port.hostPort - before.hostPort + port.range);
    } else if (before.hostPort + before.range === port.hostPort) {
      joined.push({ ...port });
    } else {
      badArgument(`conflicting port mappings for host port ${port.hostPort} (protocol ${port.protocol})`);
    }
  }
  return [...joined, ...ports.filter((port) => port.hostPort === 0)];
}

async function freePort(port: PortMapping, taken: PortMapping[]): Promise<number> {
  for (let tries = 0; tries < 15; tries += 1) {
    const start = await kernelPort();
    const clash = taken.some((other) => start < other.hostPort + other.range && other.hostPort < start + port.range);
    if (start + port.range <= 65536 && !clash) return start;
  }
  const range = port.range > 1 ? `with range ${port.range} ` : '';
  return badArgument(`failed to find an open port to expose container port ${port.containerPort} ${range}on the host`);
}

function kernelPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = process.getBuiltinModule('node:net').createServer().once('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
