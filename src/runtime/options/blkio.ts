/** --blkio-weight and the rates of devices. */
import type { ResourceLimits } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { CreateOptions } from './create-options.ts';
import { ramInBytes } from './size.ts';

export function blkioLimits(options: CreateOptions): ResourceLimits {
  return {
    ...(options.blkioWeight && { blkioWeight: weight(options.blkioWeight) }),
    ...list('blkioWeightDevice', options.blkioWeightDevice.map(weightDevice)),
    ...list('deviceReadBps', options.deviceReadBps.map(bytesRate)),
    ...list('deviceWriteBps', options.deviceWriteBps.map(bytesRate)),
    ...list('deviceReadIops', options.deviceReadIops.map(operationsRate)),
    ...list('deviceWriteIops', options.deviceWriteIops.map(operationsRate)),
  };
}

function list<K extends string, T>(key: K, items: T[]): Partial<Record<K, T[]>> {
  return items.length > 0 ? ({ [key]: items } as Record<K, T[]>) : {};
}

function weight(text: string): number {
  if (!/^\d+$/.test(text)) {
    badArgument(`invalid value for blkio-weight: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const value = Number(text);
  return value >= 10 && value <= 1000 ? value : badArgument('range of blkio weight is from 10 to 1000');
}

function weightDevice(text: string): { path: string; weight: number } {
  const [path, value] = splitDevice(text);
  const number = Number(value);
  const valid = /^\d+$/.test(value) && (number === 0 || (number >= 10 && number <= 1000));
  return valid ? { path, weight: number } : badArgument(`invalid weight for device: ${text}`);
}

function bytesRate(text: string): { path: string; rate: number } {
  const [path, value] = splitDevice(text);
  try {
    return { path, rate: ramInBytes(value, '') };
  } catch (cause) {
    const form = '<device-path>:<number>[<unit>]. Number must be a positive integer';
    const units = 'Unit is optional and can be kb, mb, or gb';
    return badArgument(`invalid rate for device: ${text}. The correct format is ${form}. ${units}`, cause);
  }
}

function operationsRate(text: string): { path: string; rate: number } {
  const [path, value] = splitDevice(text);
  if (/^\d+$/.test(value)) return { path, rate: Number(value) };
  const form = '<device-path>:<number>. Number must be a positive integer';
  return badArgument(`invalid rate for device: ${text}. The correct format is ${form}`);
}

function splitDevice(text: string): [string, string] {
  const at = text.indexOf(':');
  if (at < 0) badArgument(`bad format: ${text}`);
  if (!text.startsWith('/dev/')) badArgument(`bad format for device path: ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
