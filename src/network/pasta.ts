/**
 * pasta: connects a network namespace to the host's sockets, without rights on the host and without NAT. It goes into
 * the background when it is ready and ends by itself when the path of the namespace is gone. Arguments and defaults
 * are those of Podman 5.8.
 */
import { TspodError } from '../errors.ts';
import { run } from '../system/spawn.ts';
import type { PortMapping } from './attachment.ts';
import type { NetworkContext } from './context.ts';
import { helperProgram } from './helper-program.ts';
import { addressesIn, type Uplink } from './uplink.ts';

export interface PastaRequest {
  netnsPath: string;
  ports: PortMapping[];
  /** After `pasta_options` of containers.conf, as words of pasta's command line. */
  options: string[];
}

/** Link-local: what a container hardly ever uses itself. */
const dnsForward = '169.254.1.1';
const mapGuest = '169.254.1.2';

/** Starts it and returns when the network is up. MISSING_PROGRAM, NETWORK_FAILED with pasta's own words. */
export function startPasta(context: NetworkContext, request: PastaRequest): Uplink {
  const program = helperProgram(context, 'pasta');
  const words = [...(context.conf.pastaOptions ?? []), ...request.options];
  const own = valuesOf(words, '--map-guest-addr');
  const args = pastaArgs(words, request);
  const wanted = own.length > 0 ? own : [mapGuest];
  const first = call(program, own.length > 0 ? args : [...args, '--map-guest-addr', mapGuest]);
  // Came with version 2024_08_14: older ones do without.
  const old = first.status === 1 && own.length === 0 && first.stderr.includes("unrecognized option '--map-guest-addr");
  const { status, stderr } = old ? call(program, args) : first;
  if (status !== 0) throw failure(status, stderr);
  const addresses = addressesIn(request.netnsPath);
  const fits = (ip: string) => addresses.some((address) => address.includes(':') === ip.includes(':'));
  const named = valuesOf(words, '--dns-forward');
  return {
    addresses,
    dnsServers: (named.length > 0 ? named : [dnsForward]).filter(fits),
    hostIp: old ? null : (wanted.find(fits) ?? null),
  };
}

/** The whole command line but the last, newest option. */
export function pastaArgs(words: string[], { netnsPath, ports }: PastaRequest): string[] {
  const given = new Set(words);
  const has = (...names: string[]) => names.some((name) => given.has(name));
  const published = new Set(ports.map(({ protocol }) => protocol));
  return [
    '--config-net',
    // `--map-gw` is Podman's own word: the option that it takes away is the default here.
    ...words.filter((word) => word !== '--map-gw'),
    ...ports.flatMap(portArgs),
    ...(has('--dns-forward') ? [] : ['--dns-forward', dnsForward]),
    ...(has('-t', '--tcp-ports') || published.has('tcp') ? [] : ['-t', 'none']),
    ...(has('-u', '--udp-ports') || published.has('udp') ? [] : ['-u', 'none']),
    ...(has('-T', '--tcp-ns') ? [] : ['-T', 'none']),
    ...(has('-U', '--udp-ns') ? [] : ['-U', 'none']),
    ...(has('--map-gw') ? [] : ['--no-map-gw']),
    ...(has('-d', '--debug', '--trace') ? [] : ['--quiet']),
    '--netns',
    netnsPath,
  ];
}

function portArgs({ hostIp, hostPort, containerPort, protocol, range }: PortMapping): string[] {
  if (protocol === 'sctp') throw new TspodError('UNSUPPORTED', `can't forward protocol: ${protocol}`);
  const address = hostIp === '' ? '' : `${hostIp}/`;
  const [last, lastInside] = [hostPort + range - 1, containerPort + range - 1];
  return [protocol === 'tcp' ? '-t' : '-u', `${address}${hostPort}-${last}:${containerPort}-${lastInside}`];
}

function valuesOf(words: string[], option: string): string[] {
  return words.flatMap((word, index) => (word === option ? (words[index + 1] ?? []) : []));
}

/** A pasta that hangs would hang the caller with it. */
function call(file: string, args: string[]) {
  return run({ file, args, timeoutMs: 30_000 });
}

/** Old versions complain about a missing syslog before everything else. */
function failure(status: number | null, stderr: string): TspodError {
  const words = stderr.split('\n').filter((line) => line !== '' && !/^Failed to send \d+ bytes to syslog$/.test(line));
  return new TspodError('NETWORK_FAILED', `pasta failed with exit code ${status ?? 'unknown'}:\n${words.join('\n')}`);
}
