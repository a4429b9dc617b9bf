/** --log-driver and --log-opt. */
import type { LogConfig } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { cut } from './labels.ts';
import { humanSize } from './size.ts';

const drivers = ['k8s-file', 'json-file', 'journald', 'none', 'passthrough', 'passthrough-tty'] as const;

export function buildLog({ options, conf }: BuildInput): LogConfig {
  const log: LogConfig = {
    driver: driver(options.logDriver ?? conf.containers.logDriver),
    path: conf.containers.logPath,
    sizeMax: conf.containers.logSizeMax,
    tag: conf.containers.logTag,
    options: {},
  };
  for (const option of options.logOpt) apply(log, option);
  const terminal =
    log.driver === 'passthrough' && [0, 1, 2].some((fd) => process.getBuiltinModule('node:tty').isatty(fd));
  if (terminal) {
    const words = "the '--log-driver passthrough' option cannot be used on a TTY";
    badArgument(`${words}.  If you really want it, use '--log-driver passthrough-tty'`);
  }
  return log;
}

function driver(name: string): LogConfig['driver'] {
  if (name === '') return 'k8s-file';
  const found = drivers.find((known) => known === name);
  return found ?? badArgument(`running container create option: invalid log driver: invalid argument`);
}

function apply(log: LogConfig, option: string): void {
  if (!option.includes('=')) badArgument(`invalid log option ${JSON.stringify(option)}`);
  const [key, value] = cut(option);
  switch (key.toLowerCase()) {
    case 'driver':
      log.driver = driver(value);
      break;
    case 'path':
      log.path = value;
      break;
    case 'max-size':
      log.sizeMax = humanSize(value, 'invalid log max-size');
      break;
    case 'tag':
      log.tag = value;
      break;
    default:
      log.options[key] = value;
  }
}
