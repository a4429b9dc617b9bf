import { defineFlags } from '../cli/command.ts';

/** Health checks. */
export const healthFlags = defineFlags({
  'health-cmd': {
    type: 'string',
    aliases: ['healthcheck-command'],
    describe: 'Command that checks the health; none for no check',
  },
  'health-interval': {
    type: 'string',
    aliases: ['healthcheck-interval'],
    default: '30s',
    describe: 'Time between two checks',
  },
  'health-log-destination': {
    type: 'string',
    default: 'local',
    describe: 'Where results go: local, events_logger or a folder',
  },
  'health-max-log-count': { type: 'number', valueName: 'uint', default: 5, describe: 'How many results are kept' },
  'health-max-log-size': {
    type: 'number',
    valueName: 'uint',
    default: 500,
    describe: 'How much of each output is kept',
  },
  'health-on-failure': {
    type: 'string',
    default: 'none',
    describe: 'What an unhealthy container gets: none, kill, restart, stop',
  },
  'health-retries': {
    type: 'number',
    valueName: 'uint',
    aliases: ['healthcheck-retries'],
    default: 3,
    describe: 'Failures until it is unhealthy',
  },
  'health-start-period': {
    type: 'string',
    aliases: ['healthcheck-start-period'],
    default: '0s',
    describe: 'Time to start, during which failures do not count',
  },
  'health-startup-cmd': { type: 'string', describe: 'Command that checks whether start-up is over' },
  'health-startup-interval': { type: 'string', default: '30s', describe: 'Time between two of these checks' },
  'health-startup-retries': {
    type: 'number',
    valueName: 'uint',
    describe: 'Failures until the container is restarted',
  },
  'health-startup-success': { type: 'number', valueName: 'uint', describe: 'Successes until the usual check begins' },
  'health-startup-timeout': { type: 'string', default: '30s', describe: 'Time that one of these checks may take' },
  'health-timeout': {
    type: 'string',
    aliases: ['healthcheck-timeout'],
    default: '30s',
    describe: 'Time that one check may take',
  },
  'no-healthcheck': { type: 'boolean', describe: 'Do not check the health' },
});
