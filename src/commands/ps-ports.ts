/** Ports of a container in one line: published ones first, then exposed ones that are not published. */
import type { PsPort } from '../runtime/ps.ts';

/** `0.0.0.0:8080->80/tcp, 443/tcp`; neighbouring ports as a range. */
export function portsText(published: readonly PsPort[], exposed: Readonly<Record<string, readonly string[]>>): string {
  const taken = new Set(
    published.flatMap(({ container_port, range, protocol }) =>
      Array.from({ length: Math.max(1, range) }, (_, index) => `${container_port + index}/${protocol}`),
    ),
  );
  const free = Object.entries(exposed)
    .flatMap(([port, protocols]) => protocols.map((protocol) => ({ port: Number(port), protocol })))
    .filter(({ port, protocol }) => !taken.has(`${port}/${protocol}`))
    .sort((a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.port - b.port));
  return [...published.map(publishedText), ...ranges(free)].join(', ');
}

function publishedText({ host_ip, host_port, container_port, range, protocol }: PsPort): string {
  const span = (first: number) => (range > 1 ? `${first}-${first + range - 1}` : String(first));
  return `${host_ip || '0.0.0.0'}:${span(host_port)}->${span(container_port)}/${protocol}`;
}

function ranges(ports: { port: number; protocol: string }[]): string[] {
  const runs: { first: number; last: number; protocol: string }[] = [];
  for (const { port, protocol } of ports) {
    const run = runs.at(-1);
    if (run?.protocol === protocol && run.last === port - 1) run.last = port;
    else runs.push({ first: port, last: port, protocol });
  }
  return runs.map(({ first, last, protocol }) => `${first === last ? first : `${first}-${last}`}/${protocol}`);
}
