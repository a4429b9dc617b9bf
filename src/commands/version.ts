import { type Context, defineCommand } from '../cli/command.ts';
import { goJson, isJson, normalize } from '../cli/format.ts';
import { alignColumns } from '../cli/tabwriter.ts';
import { compileTemplate, goStruct } from '../cli/template.ts';
import { TSPOD_VERSION, type VersionInfo, versionInfo } from '../cli/version.ts';

export default defineCommand({
  usage: 'version [options]',
  describe: 'Display the Podman version information',
  engineless: true,
  flags: { format: { type: 'string', alias: 'f', describe: 'Change the output format to JSON or a Go template' } },
  handler({ format, given }, context) {
    const client = versionInfo();
    if (format !== undefined && isJson(format)) context.stdout(`${goJson({ Client: client })}\n`);
    else if (format !== undefined && given.has('format')) printTemplate(format, client, context);
    else context.stdout(alignColumns(table(client)));
  },
});

function table(client: VersionInfo): string {
  const rows = [
    ['Client:', `tspod ${TSPOD_VERSION}, compatible with Podman Engine ${client.Version}`],
    ['Version:', client.Version],
    ['API Version:', client.APIVersion],
    ['Go Version:', client.GoVersion],
    ['Built:', client.BuiltTime],
    ['Build Origin:', client.BuildOrigin],
    ['OS/Arch:', client.OsArch],
  ];
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

/** A template of the whole, or as in old versions of the client alone. */
function printTemplate(format: string, client: VersionInfo, context: Context): void {
  const fields = goStruct(client, 'define.Version');
  const both = goStruct({ Client: fields, Server: null }, 'entities.SystemVersionReport');
  try {
    context.stdout(compileTemplate(normalize(format), { name: 'version' })(both));
  } catch {
    context.stdout(compileTemplate(normalize(format.replaceAll('.Server.', '.')), { name: 'version' })(fields));
  }
}
