import { type Context, defineCommand } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import { isJson, normalize, printJson } from '../cli/format.ts';
import { compileTemplate } from '../cli/template.ts';
import { hasCode, TspodError } from '../errors.ts';
import { inspectNetwork, type NetworkReport } from '../network/inspect.ts';
import { connectedContainers } from '../runtime/network-users.ts';
import { networkStruct } from './network-row.ts';

export default defineCommand({
  usage: 'inspect [options] NETWORK [NETWORK...]',
  describe: 'Inspect network',
  long: 'Display network configuration',
  flags: {
    format: { type: 'string', alias: 'f', describe: 'Pretty-print network to JSON or using a Go template' },
  },
  operands: { min: 1, complete: 'networks' },
  examples: ['network inspect podman'],

  async handler({ format = '', operands }, context) {
    const connected = await connectedContainers(context.engine);
    const reports: NetworkReport[] = [];
    const failures: TspodError[] = [];
    for (const name of operands) {
      try {
        reports.push(inspectNetwork(context.engine.networkContext, name, connected));
      } catch (error) {
        if (!hasCode(error, 'NO_SUCH_NETWORK')) throw error;
        failures.push(new TspodError('NO_SUCH_NETWORK', `network ${name}: ${error.message}`, { cause: error }));
      }
    }
    print(reports, format, context);
    for (const failure of failures) context.stderr(errorText(failure));
    return failures.length > 0 ? 125 : 0;
  },
});

function print(reports: NetworkReport[], format: string, { stdout }: Context): void {
  if (format === '' || isJson(format)) {
    stdout(`${printJson(reports, { indent: '     ' })}\n`);
    return;
  }
  const render = compileTemplate(normalize(format), { name: 'inspect' });
  for (const report of reports) stdout(render(networkStruct(report)));
}
