import type { SpecInput } from './input.ts';
import type { ProcessUser } from './user.ts';

/** The recorded environment, and what only a start can know. A variable that the user set is never replaced. */
export function processEnv({ config, files, host }: SpecInput, user: ProcessUser): string[] {
  const names = new Set(config.env.map((entry) => entry.slice(0, entry.indexOf('='))));
  const added: [string, string][] = [['HOME', user.home]];
  added.push(['HOSTNAME', config.uts.mode === 'private' ? config.hostname : host.hostname]);
  if (config.systemd) added.push(['container_uuid', config.id.slice(0, 32)]);
  if (files.notifyDir) added.push(['NOTIFY_SOCKET', '/run/notify/notify.sock']);
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) {
    const value = host.env[name];
    if (value !== undefined) added.push([name, name === 'LISTEN_PID' ? '1' : value]);
  }
  return [...config.env, ...added.flatMap(([name, value]) => (names.has(name) ? [] : [`${name}=${value}`]))];
}
