/** slirp4netns: a TCP/IP stack in user space behind a tap device. Options and defaults are those of Podman 5.8. */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { readInNetns, writeInNetns } from '../system/netns.ts';
import { makePipe, readToEnd } from '../system/pipe.ts';
import { launch } from '../system/spawn.ts';
import type { NetworkContext } from './context.ts';
import { helperProgram } from './helper-program.ts';
import { addTo, formatIp, networkAddress, parseCidr, parseIp } from './ip.ts';
import type { Uplink } from './uplink.ts';

const dadSwitch = '/proc/sys/net/ipv6/conf/default/accept_dad';

/** Starts it and returns when the network is up. BAD_ARGUMENT, MISSING_PROGRAM, NETWORK_FAILED in its own words. */
export async function startSlirp(context: NetworkContext, netns: string, options: string[]): Promise<Uplink> {
  const { args, cidr } = slirpArgs(options);
  const file = helperProgram(context, 'slirp4netns');
  const dad = args.includes('--enable-ipv6') ? readInNetns(netns, dadSwitch).trim() : '0';
  // Duplicate address detection would keep the device's address unusable for a second.
  if (dad !== '0') writeInNetns(netns, dadSwitch, '0');
  try {
    await start(file, [...args, '-c', '-r', '3', '--netns-type=path', netns, 'tap0'], netns);
  } finally {
    if (dad !== '0') writeInNetns(netns, dadSwitch, dad);
  }
  const base = networkAddress(cidr);
  const [own, dns] = [formatIp(addTo(base, 100n)), formatIp(addTo(base, 3n))];
  return { addresses: [own], dnsServers: [dns], hostIp: null };
}

/** Ends the one that serves this namespace; that there is none is no error. */
export function stopSlirp(netns: string): void {
  const pid = Number(readText(pidFile(netns)));
  rmSync(pidFile(netns), { force: true });
  if (pid > 1 && readText(`/proc/${pid}/cmdline`).split('\0').includes(netns)) process.kill(pid, 'SIGTERM');
}

async function start(file: string, args: string[], netns: string): Promise<void> {
  const [ready, done] = makePipe();
  const log = `${netns}.log`;
  const output = openSync(log, 'w', 0o600);
  try {
    const nothing = openSync('/dev/null', 'r');
    const pid = launch({ file, args, fds: { 0: nothing, 1: output, 2: output, 3: done }, cwd: '/', detached: true });
    closeSync(nothing);
    writeFileSync(pidFile(netns), String(pid), { mode: 0o600 });
  } finally {
    closeSync(done);
    closeSync(output);
  }
  const said = (await readToEnd(ready)).toString('latin1');
  closeSync(ready);
  const words = readText(log).trim();
  rmSync(log, { force: true });
  if (said !== '1') throw new TspodError('NETWORK_FAILED', `slirp4netns failed: ${words || 'it ended at once'}`);
}

function slirpArgs(options: string[]) {
  const given = Object.fromEntries(options.map(splitOption));
  const cidr = parseCidr(given['cidr'] ?? '10.0.2.0/24');
  if (cidr?.ip.version !== 4) throw invalid('cidr', given['cidr'] ?? '');
  const mtu = given['mtu'] ?? '65520';
  if (!/^\d{1,6}$/.test(mtu) || Number(mtu) < 68) throw invalid('mtu', mtu);
  const [v4, v6] = [given['outbound_addr'], given['outbound_addr6']];
  if (v4 !== undefined && parseIp(v4)?.version === 6) throw invalid('outbound_addr', v4);
  if (v6 !== undefined && parseIp(v6)?.version === 4) throw invalid('outbound_addr6', v6);
  const args = [
    ...(isTrue(given, 'allow_host_loopback', 'false') ? [] : ['--disable-host-loopback']),
    `--mtu=${mtu}`,
    '--enable-sandbox',
    '--enable-seccomp',
    ...(given['cidr'] ? [`--cidr=${given['cidr']}`] : []),
    ...(isTrue(given, 'enable_ipv6', 'true') ? ['--enable-ipv6'] : []),
    ...(v4 ? [`--outbound-addr=${v4}`] : []),
    ...(v6 ? [`--outbound-addr6=${v6}`] : []),
  ];
  return { args, cidr };
}

const known = ['cidr', 'mtu', 'port_handler', 'allow_host_loopback', 'enable_ipv6', 'outbound_addr', 'outbound_addr6'];

function splitOption(option: string): [string, string] {
  const at = option.indexOf('=');
  const name = option.slice(0, at);
  if (at < 0 || !known.includes(name)) {
    throw new TspodError('BAD_ARGUMENT', `unknown option for slirp4netns: ${JSON.stringify(option)}`);
  }
  const value = option.slice(at + 1);
  if (name === 'port_handler' && value === 'slirp4netns') {
    throw new TspodError('UNSUPPORTED', 'port_handler=slirp4netns is not supported: leave it out');
  }
  if (name === 'port_handler' && value !== 'rootlesskit') {
    throw new TspodError('BAD_ARGUMENT', `unknown port_handler for slirp4netns: ${JSON.stringify(value)}`);
  }
  return [name, value];
}

function isTrue(given: Record<string, string>, name: string, usual: string): boolean {
  const value = given[name] ?? usual;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new TspodError('BAD_ARGUMENT', `invalid value of ${name} for slirp4netns: ${JSON.stringify(value)}`);
}

function invalid(name: string, value: string): TspodError {
  return new TspodError('BAD_ARGUMENT', `invalid ${name} ${JSON.stringify(value)}`);
}

function pidFile(netns: string): string {
  return `${netns}.slirp4netns`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
