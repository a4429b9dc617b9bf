import { defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { TspodError } from '../errors.ts';
import { volumeFilter } from './volume-filter.ts';
import { volumeJson, volumeReport } from './volume-report.ts';

export default defineCommand({
  usage: 'ls [options]',
  describe: 'List volumes',
  long: '\npodman volume ls\n\nList all available volumes. The output of the volumes can be filtered\nand the output format can be changed to JSON or a user specified Go template.',
  flags: {
    filter: { type: 'list', alias: 'f', describe: 'Filter volume output', valueName: 'stringArray' },
    format: {
      type: 'string',
      default: '{{range .}}{{.Driver}}\\t{{.Name}}\\n{{end -}}',
      describe: 'Format volume output using Go template',
    },
    noheading: { type: 'boolean', alias: 'n', describe: 'Do not print headers' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print volume output in quiet mode' },
  },

  handler(args, { engine, stdout }) {
    if (args.quiet && args.given.has('format')) {
      throw new TspodError('BAD_ARGUMENT', 'quiet and format flags cannot be used together');
    }
    const containers = engine.state.list();
    const fits = volumeFilter(args.filter, { containers, find: (name) => engine.store.findVolume(name) });
    const volumes = engine.store.volumes().filter(fits);
    const rows = volumes.map((volume) => volumeReport(volume, containers));
    const format = args.quiet ? '{{.Name}}' : args.given.has('format') ? args.format : '';
    if (isJson(format)) return stdout(`${printJson(rows.map(volumeJson), { indent: '  ' })}\n`);
    const table = [
      ['DRIVER', 'Driver'],
      ['VOLUME NAME', 'Name'],
    ] as const;
    // Podman prints no heading for an empty list here.
    const noHeading = args.noheading;
    stdout(formatRows({ rows, format, table, noHeading, headings: { Name: 'VOLUME NAME' }, name: 'ls' }));
  },
});
