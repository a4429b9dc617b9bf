/** The environment of a container's process. */
import type { ImageExecConfig } from '../../oci/image-spec.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { readKeyValueFile } from './key-value-file.ts';
import { expandWord } from './word.ts';

type HostEnv = Readonly<Record<string, string | undefined>>;

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const proxyNames = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'];

/**
 * `KEY=VALUE` of the whole environment. Later ones win: engine, containers.conf, image, --env-merge, --env-host and
 * proxies, --env-file, --env.
 */
export function buildEnv(input: BuildInput): string[] {
  const { options, host } = input;
  const env = defaults(input);
  if (options.tty && !env.has('TERM')) env.set('TERM', 'xterm');
  for (const word of options.envMerge) mergeWord(env, word);
  for (const name of options.unsetenv) env.delete(name);
  if (options.unsetenvAll) env.clear();
  addAll(env, hostVariables(input));
  for (const file of options.envFile) {
    for (const line of readKeyValueFile(file)) setFromLine(env, line, host.env);
  }
  for (const line of options.env) setFromLine(env, line, host.env);
  return [...env].map(([name, value]) => `${name}=${value}`);
}

function defaults(input: BuildInput): Map<string, string> {
  const env = new Map<string, string>();
  if (input.image) {
    env.set('PATH', defaultPath);
    env.set('container', 'podman');
  }
  addAll(env, hostVariables(input));
  for (const line of input.conf.containers.env) setFromLine(env, line, input.host.env);
  addAll(env, imageVariables(input.image?.config.config));
  return env;
}

/** Never a look at the host's environment for what an image says (CVE-2020-14370, CVE-2026-57231). */
function imageVariables(config: ImageExecConfig | undefined): [string, string][] {
  return (config?.Env ?? []).map((line) => {
    const at = line.indexOf('=');
    if (at < 1) badArgument(`env fields from image failed to parse: invalid variable: ${JSON.stringify(line)}`);
    return [line.slice(0, at), line.slice(at + 1)];
  });
}

function hostVariables({ options, conf, host }: BuildInput): [string, string][] {
  const envHost = options.given.has('env-host') ? options.envHost : conf.containers.envHost;
  const proxies = options.given.has('http-proxy') ? options.httpProxy : conf.containers.httpProxy;
  const names = envHost
    ? Object.keys(host.env)
    : proxies
      ? proxyNames.flatMap((name) => [name, name.toUpperCase()])
      : [];
  return names.flatMap((name) => {
    const value = host.env[name];
    return value === undefined ? [] : [[name, value]];
  });
}

function addAll(env: Map<string, string>, pairs: [string, string][]): void {
  for (const [name, value] of pairs) env.set(name, value);
}

/** `KEY=VALUE`; `KEY` and `PREFIX*` take over from the host. @throws BAD_ARGUMENT for `=VALUE` */
export function setFromLine(env: Map<string, string>, line: string, host: HostEnv): void {
  const at = line.indexOf('=');
  const name = (at < 0 ? line : line.slice(0, at)).trimStart();
  if (at === 0 || name === '') badArgument(`invalid variable: ${JSON.stringify(line)}`);
  if (at > 0) {
    env.set(name, line.slice(at + 1));
    return;
  }
  const names = name.endsWith('*') ? Object.keys(host).filter((key) => key.startsWith(name.slice(0, -1))) : [name];
  for (const key of names) {
    const value = host[key];
    if (value !== undefined) env.set(key, value);
  }
}

function mergeWord(env: Map<string, string>, word: string): void {
  const expanded = expandWord(word, env);
  const at = expanded.indexOf('=');
  if (at < 0) badArgument(`missing \`=\` for --env-merge substitution ${word}`);
  env.set(expanded.slice(0, at), expanded.slice(at + 1));
}
