/** What the flags of one end of a copy say about its registry. */
import { camelCase } from '../../cli/flag.ts';
import { parseDuration } from '../../config/duration.ts';
import { TspodError } from '../../errors.ts';
import type { SourceOptions, TargetOptions } from '../../image/transport/transport.ts';
import { parseCredentials } from '../registry-flags.ts';

type Side = 'src' | 'dest' | '';

/** @throws TspodError BAD_ARGUMENT */
export function sideOptions(args: object, side: Side = ''): SourceOptions {
  const value = reader(args, side);
  const authFile = value('authfile') ?? reader(args, '')('authfile');
  const [certDir, sharedBlobDir] = [value('cert-dir'), value('shared-blob-dir')];
  const registryToken = value('registry-token');
  const delay = text(args, 'retryDelay');
  const retry = (args as Record<string, unknown>)['retryTimes'];
  return {
    ...credentialsOf(args, side),
    ...(authFile ? { authFile } : {}),
    ...(certDir ? { certDir } : {}),
    ...(registryToken === undefined ? {} : { registryToken }),
    ...(sharedBlobDir ? { sharedBlobDir } : {}),
    ...tlsVerify(args, side),
    retry: typeof retry === 'number' ? retry : 0,
    ...(delay ? { retryDelay: parseDuration(delay) } : {}),
  };
}

/** @throws TspodError BAD_ARGUMENT */
export function targetOptions(args: object): TargetOptions {
  const flag = (name: string) => (args as Record<string, unknown>)[camelCase(`dest-${name}`)] === true;
  return {
    ...sideOptions(args, 'dest'),
    compress: flag('compress'),
    decompress: flag('decompress'),
    acceptUncompressed: flag('oci-accept-uncompressed-layers'),
  };
}

function credentialsOf(args: object, side: Side): Pick<SourceOptions, 'credentials' | 'anonymous'> {
  const value = reader(args, side);
  const [creds, username, password] = [value('creds'), value('username'), value('password')];
  const anonymous = given(args, side, 'no-creds') && flagOf(args, side, 'no-creds');
  if (anonymous && creds !== undefined) throw bad('creds and no-creds cannot be specified at the same time');
  if (anonymous && username !== undefined) throw bad('username and no-creds cannot be specified at the same time');
  if (creds !== undefined && username !== undefined) {
    throw bad('creds and username cannot be specified at the same time');
  }
  if (username !== undefined && password === undefined) {
    throw bad('password must be specified when username is specified');
  }
  if (username === undefined && password !== undefined) {
    throw bad('username must be specified when password is specified');
  }
  if (anonymous) return { anonymous };
  if (creds !== undefined) return { credentials: parseCredentials(creds) };
  return username !== undefined && password !== undefined ? { credentials: { username, password } } : {};
}

/** Undefined lets registries.conf decide. */
function tlsVerify(args: object, side: Side): Pick<SourceOptions, 'tlsVerify'> {
  for (const one of [side, ''] as const) {
    if (given(args, one, 'tls-verify')) return { tlsVerify: flagOf(args, one, 'tls-verify') };
  }
  return {};
}

function reader(args: object, side: Side): (name: string) => string | undefined {
  return (name) => text(args, camelCase(side === '' ? name : `${side}-${name}`));
}

function text(args: object, key: string): string | undefined {
  const value = (args as Record<string, unknown>)[key];
  return typeof value === 'string' ? value : undefined;
}

function given(args: object, side: Side, name: string): boolean {
  return (args as { given: ReadonlySet<string> }).given.has(side === '' ? name : `${side}-${name}`);
}

function flagOf(args: object, side: Side, name: string): boolean {
  return (args as Record<string, unknown>)[camelCase(side === '' ? name : `${side}-${name}`)] === true;
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
