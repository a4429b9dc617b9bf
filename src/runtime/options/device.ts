import { TspodError } from '../../errors.ts';
import type { DeviceMapping } from '../container.ts';

/** `HOST[:CONTAINER][:rwm]`. Whether the device exists is seen at start. */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(':');
  const [hostPath = '', second, third] = parts;
  if (hostPath === '' || parts.length > 3)
    throw new TspodError('BAD_ARGUMENT', `invalid device specification: ${text}`);
  if (third !== undefined && !isMode(third)) throw new TspodError('BAD_ARGUMENT', `invalid device mode: ${third}`);
  if (second === undefined) return { hostPath, containerPath: hostPath, permissions: 'rwm' };
  if (third === undefined && isMode(second)) return { hostPath, containerPath: hostPath, permissions: second };
  if (!second.startsWith('/')) throw new TspodError('BAD_ARGUMENT', `invalid device mode: ${second}`);
  return { hostPath, containerPath: second, permissions: third ?? 'rwm' };
}

function isMode(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

/** Checks `--device-cgroup-rule`: type, numbers and access. */
export function checkDeviceRule(rule: string): string {
  const parts = rule.split(' ');
  const [type = '', numbers = '', access = ''] = parts;
  if (parts.length !== 3) {
    const words = `invalid device cgroup rule requires type, major:Minor, and access rules: "${rule}"`;
    throw new TspodError('BAD_ARGUMENT', words);
  }
  if (!/^[abc]$/.test(type)) throw new TspodError('BAD_ARGUMENT', `invalid device type in device-access-add: ${type}`);
  for (const number of numbers.split(':')) {
    if (!/^(\*|\d+)$/.test(number)) {
      throw new TspodError('BAD_ARGUMENT', `strconv.ParseUint: parsing "${number}": invalid syntax`);
    }
  }
  const bad = [...access].find((letter) => !'rwm'.includes(letter));
  if (bad) throw new TspodError('BAD_ARGUMENT', `invalid device access in device-access-add: ${bad}`);
  return rule;
}
