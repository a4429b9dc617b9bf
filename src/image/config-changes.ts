/** `--change`: instructions of a Dockerfile that change an image's configuration. */

import { constants } from 'node:os';
import { join } from 'node:path/posix';
import { TspodError } from '../errors.ts';
import type { ImageExecConfig } from '../oci/image-spec.ts';

type Apply = (config: ImageExecConfig, value: string, refuse: (why: string) => TspodError) => void;

/** Applies changes to a configuration, in order. @throws TspodError BAD_ARGUMENT naming the change */
export function applyChanges(config: ImageExecConfig, changes: readonly string[]): void {
  for (const change of changes) {
    const match = /^([^ ]*) ([\s\S]*)$/.exec(change) ?? /^([^=]*)=([\s\S]*)$/.exec(change);
    const refuse = (why: string) => new TspodError('BAD_ARGUMENT', `invalid change ${JSON.stringify(change)} - ${why}`);
    if (!match) throw refuse('must be formatted as KEY VALUE');
    const key = (match[1] ?? '').trim().toUpperCase();
    const apply = instructions[key];
    if (!apply) throw refuse(`invalid instruction ${key}`);
    apply(config, (match[2] ?? '').trim(), refuse);
  }
}

const instructions: Record<string, Apply> = {
  USER(config, value, refuse) {
    if (value === '') throw refuse('must provide a value to USER');
    config.User = value;
  },
  EXPOSE(config, value, refuse) {
    const [port = '', protocol = 'tcp', ...rest] = value.split('/');
    if (rest.length > 0) throw refuse('EXPOSE port must be formatted as PORT[/PROTO]');
    if (!/^\d+$/.test(port)) throw refuse('EXPOSE port must be an integer');
    if (Number(port) < 1 || Number(port) > 65535) throw refuse('EXPOSE port must be a valid port number');
    if (!/^(tcp|udp)$/i.test(protocol)) throw refuse('EXPOSE protocol must be TCP or UDP');
    config.ExposedPorts = { ...config.ExposedPorts, [`${Number(port)}/${protocol.toLowerCase()}`]: {} };
  },
  ENV(config, value, refuse) {
    const [key, text] = keyValue(value);
    if (key === '') throw refuse('ENV must have at least one argument');
    const others = (config.Env ?? []).filter((entry) => !entry.startsWith(`${key}=`));
    config.Env = [...others, `${key}=${text}`];
  },
  ENTRYPOINT(config, value) {
    config.Entrypoint = jsonList(value) ?? (value === '' ? [] : ['/bin/sh', '-c', value]);
  },
  CMD(config, value) {
    config.Cmd = jsonList(value) ?? ['/bin/sh', '-c', ...(value === '' ? [] : [value])];
  },
  VOLUME(config, value, refuse) {
    const paths = jsonList(value) ?? value.split(' ');
    if (paths.length === 0) throw refuse('must provide at least one argument to VOLUME');
    if (paths.includes('')) throw refuse('VOLUME paths must not be empty');
    config.Volumes = { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) };
  },
  WORKDIR(config, value, refuse) {
    if (value === '') throw refuse('must provide a non-empty WORKDIR');
    config.WorkingDir = value.startsWith('/') ? value : join(config.WorkingDir ?? '', value);
  },
  LABEL(config, value, refuse) {
    if (!value.includes('=')) throw refuse('LABEL must be formatted key=value');
    const [key, text] = keyValue(value);
    if (key === '') throw refuse('LABEL must have a non-empty key');
    config.Labels = { ...config.Labels, [key]: text };
  },
  STOPSIGNAL(config, value, refuse) {
    const name = `SIG${value.toUpperCase().replace(/^SIG/, '')}`;
    const known = Object.entries(constants.signals).find(([signal]) => signal === name)?.[1];
    const number = known ?? (/^\d+$/.test(value) ? Number(value) : 0);
    if (number < 1 || number > 64) throw refuse(`KILLSIGNAL must be given a valid signal: invalid signal: ${value}`);
    config.StopSignal = String(number);
  },
  ONBUILD(config, value, refuse) {
    if (value === '') throw refuse('ONBUILD must be given an argument');
    config.OnBuild = [...(config.OnBuild ?? []), value];
  },
};

function keyValue(text: string): [key: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 0) return [unquoted(text), ''];
  return [unquoted(text.slice(0, equals)), unquoted(text.slice(equals + 1))];
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function jsonList(text: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string') ? parsed : null;
  } catch {
    return null;
  }
}
