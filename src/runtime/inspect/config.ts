import type { ContainerSecret, HealthcheckSettings } from '../container.ts';
import { signalName } from '../signals.ts';
import { filterAnnotation } from '../spec/annotations.ts';
import { Duration } from './duration.ts';
import type { InspectInput } from './inspect.ts';
import { portBindings } from './network.ts';
import { withOmitted } from './omitted.ts';

/** Config: what the container was asked to be. */
export function inspectConfig({ container: { config }, spec }: InspectInput) {
  const ports = [...config.exposedPorts, ...Object.keys(portBindings(config.ports))];
  const shown = {
    Hostname: config.uts.mode === 'host' ? '' : config.hostname,
    Domainname: '',
    User: config.user,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: config.terminal,
    OpenStdin: config.stdin,
    StdinOnce: false,
    Env: withoutSecrets(spec.process.env, config.secrets),
    Cmd: config.command.length > 0 ? config.command : null,
    Image: config.imageName,
    Volumes: null,
    WorkingDir: config.workDir,
    Entrypoint: config.entrypoint.length > 0 ? config.entrypoint : null,
    OnBuild: null,
    Labels: mapOrNull(config.labels),
    Annotations: mapOrNull({ ...config.annotations, ...shownAnnotations(spec.annotations) }),
    StopSignal: signalName(config.stopSignal),
    ...(config.healthcheck ? { Healthcheck: healthFields(config.healthcheck) } : {}),
    ...(config.startupHealthcheck ? { StartupHealthCheck: healthFields(config.startupHealthcheck) } : {}),
    HealthcheckOnFailureAction: config.healthcheck?.onFailure ?? 'none',
    HealthLogDestination: config.healthLogDestination ?? 'local',
    HealthcheckMaxLogCount: config.healthMaxLogCount ?? 5,
    HealthcheckMaxLogSize: config.healthMaxLogSize ?? 500,
    CreateCommand: config.createCommand,
    ...(config.timezone ? { Timezone: config.timezone } : {}),
    ...(config.systemd ? { SystemdMode: true } : {}),
    Umask: (config.umask || '0022').padStart(4, '0'),
    ...(config.secrets ? { Secrets: mountedSecrets(config.secrets) } : {}),
    Timeout: config.timeout,
    StopTimeout: config.stopTimeout,
    Passwd: config.passwd ?? true,
    ...(config.chrootDirs?.length ? { ChrootDirs: config.chrootDirs } : {}),
    sdNotifyMode: config.sdnotify ?? 'container',
    ...(config.sdnotifySocket ? { sdNotifySocket: config.sdnotifySocket } : {}),
    ...(ports.length > 0 ? { ExposedPorts: Object.fromEntries(ports.sort().map((port) => [port, {}])) } : {}),
  };
  const { HealthcheckMaxLogCount: HealthMaxLogCount, HealthcheckMaxLogSize: HealthMaxLogSize } = shown;
  return withOmitted(shown, {
    ...omitted,
    HealthMaxLogCount,
    HealthMaxLogSize,
    SdNotifyMode: config.sdnotify ?? 'container',
    SdNotifySocket: config.sdnotifySocket ?? '',
  });
}

/** The value of a variable from a secret is nobody's to see. */
function withoutSecrets(env: string[], secrets: ContainerSecret[] = []): string[] {
  const hidden = new Map(secrets.filter(({ type }) => type === 'env').map(({ target, name }) => [target, name]));
  if (hidden.size === 0) return env;
  return env.map((entry) => {
    const name = hidden.get(entry.split('=', 1)[0] ?? '');
    return name === undefined ? entry : `${name}=*******`;
  });
}

function mountedSecrets(secrets: ContainerSecret[]): unknown {
  const mounted = secrets.filter(({ type }) => type === 'mount');
  return mounted.map(({ name, id, uid, gid, mode }) => ({ Name: name, ID: id, UID: uid, GID: gid, Mode: mode }));
}

/** A compiled filter is nothing to look at. */
function shownAnnotations({ [filterAnnotation]: _, ...annotations }: Record<string, string>): Record<string, string> {
  return annotations;
}

const omitted = {
  StartupHealthCheck: null,
  Healthcheck: null,
  Timezone: '',
  SystemdMode: false,
  Secrets: null,
  ChrootDirs: null,
  SdNotifyMode: '',
  SdNotifySocket: '',
  ExposedPorts: null,
};

function healthFields({ onFailure: _, ...health }: HealthcheckSettings & { Successes?: number }) {
  const fields: Record<string, unknown> = { ...health };
  for (const name of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = health[name];
    if (value !== undefined) fields[name] = new Duration(value);
  }
  return fields;
}

function mapOrNull(map: Record<string, string>): Record<string, string> | null {
  const entries = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}
