/** Device nodes of a container and the rules of its device cgroup. */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import type { ContainersConf } from '../../config/containers-conf.ts';
import { hasErrno, TspodError } from '../../errors.ts';
import type { Device, DeviceRule } from '../../oci/runtime-spec.ts';
import type { ContainerConfig, DeviceMapping } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';
import { parseDevice } from '../options/device.ts';
import { deviceNumbers } from './resources.ts';

export interface DeviceSet {
  devices: Device[];
  /** The host's path of each. */
  sources: string[];
  rules: DeviceRule[];
}

/** @throws SYSTEM when a device does not exist or is no device. */
export function devicesFor(config: ContainerConfig, conf: ContainersConf, host: HostFacts): DeviceSet {
  if (config.privileged) {
    const devices = hostDevices(config);
    return { devices, sources: devices.map(({ path }) => path), rules: [{ allow: true, access: 'rwm' }] };
  }
  const set: DeviceSet = { devices: [], sources: [], rules: host.rootless ? [] : [{ allow: false, access: 'rwm' }] };
  for (const mapping of [...conf.containers.devices.map(parseDevice), ...config.devices]) addMapping(set, mapping);
  set.rules.push(...config.deviceCgroupRules.map(parseRule));
  return set;
}

function addMapping(set: DeviceSet, mapping: DeviceMapping): void {
  const path = resolvedPath(mapping.hostPath);
  const stat = statSync(path);
  if (!stat.isDirectory()) {
    addDevice(set, { ...mapping, hostPath: path }, stat);
    return;
  }
  const before = set.devices.length;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isCharacterDevice() && !entry.isBlockDevice()) continue;
    const hostPath = `${entry.parentPath}/${entry.name}`;
    const containerPath = mapping.containerPath + hostPath.slice(path.length);
    addDevice(set, { ...mapping, hostPath, containerPath }, statSync(hostPath));
  }
  if (set.devices.length === before) {
    throw new TspodError('SYSTEM', `no devices found in ${mapping.hostPath}: invalid argument`);
  }
}

function resolvedPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT', 'ENOTDIR')) throw cause;
    throw new TspodError('SYSTEM', `stat ${path}: no such file or directory`, { cause });
  }
}

function addDevice(set: DeviceSet, { hostPath, containerPath, permissions }: DeviceMapping, stat: Stats): void {
  const device = deviceOf(hostPath, stat);
  if (!device) throw new TspodError('SYSTEM', `${hostPath} is not a valid device: not a device node`);
  set.devices.push({ ...device, path: containerPath });
  set.sources.push(hostPath);
  const type = device.type === 'b' ? 'b' : 'c';
  set.rules.push({ allow: true, type, major: device.major, minor: device.minor, access: permissions });
}

function deviceOf(path: string, stat: Stats): Device | null {
  const type = stat.isBlockDevice() ? 'b' : stat.isCharacterDevice() ? 'c' : null;
  if (!type) return null;
  return { path, type, ...deviceNumbers(stat.rdev), fileMode: stat.mode & 0o777, uid: stat.uid, gid: stat.gid };
}

const privateFolders = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts']);

/** All devices of the host but those that a container has of its own. Virtual consoles would confuse a systemd. */
function hostDevices(config: ContainerConfig, folder = '/dev'): Device[] {
  const devices: Device[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!privateFolders.has(entry.name)) devices.push(...hostDevices(config, path));
    } else if (
      !entry.isSymbolicLink() &&
      entry.name !== 'console' &&
      !(config.systemd && /^tty\d+$/.test(entry.name))
    ) {
      const device = deviceIfThere(path);
      if (device) devices.push(device);
    }
  }
  return devices;
}

/** A device may vanish between the listing and the look at it. */
function deviceIfThere(path: string): Device | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat ? deviceOf(path, stat) : null;
}

/** `c 10:* rwm`, as `--device-cgroup-rule` has it (and was checked by). */
function parseRule(rule: string): DeviceRule {
  const [type = 'a', numbers = '', access = ''] = rule.split(' ');
  const [major = '*', minor = '*'] = numbers.split(':');
  return {
    allow: true,
    type: type === 'a' || type === 'b' ? type : 'c',
    ...(major !== '*' && { major: Number(major) }),
    ...(minor !== '*' && { minor: Number(minor) }),
    access,
  };
}
