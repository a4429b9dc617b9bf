import { type Context, defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { hasCode, TspodError } from '../errors.ts';
import { type SecretRecord, Secrets } from '../storage/secrets.ts';

export default defineCommand({
  usage: 'inspect [options] SECRET [SECRET...]',
  describe: 'Inspect a secret',
  long: 'Display detail information on one or more secrets',
  flags: {
    format: { type: 'string', alias: 'f', describe: 'Format inspect output using Go template', complete: 'none' },
    pretty: { type: 'boolean', describe: 'Print inspect output in human-readable format' },
    showsecret: { type: 'boolean', describe: 'Display the secret' },
  },
  operands: { min: 1 },
  examples: ['secret inspect MYSECRET', 'secret inspect --format "{{.Spec.Name}}" MYSECRET'],

  handler({ operands, format, pretty, showsecret }, context) {
    const { reports, missing } = find(operands, showsecret, context);
    if (pretty) context.stdout(reports.map(prettyText).join(''));
    else if (format && !isJson(format)) context.stdout(formatRows({ rows: reports, format, table: [] }));
    else context.stdout(`${printJson(reports, { indent: '    ' })}\n`);
    const [first, ...others] = missing;
    for (const { message } of others) context.stderr(`error inspecting secret: ${message}\n`);
    if (first) throw new TspodError(first.code, `inspecting secret: ${first.message}`, { cause: first });
  },
});

interface SecretReport {
  ID: string;
  CreatedAt: string;
  UpdatedAt: string;
  Spec: { Name: string; Driver: { Name: string; Options: Record<string, string> }; Labels: Record<string, string> };
  SecretData?: string;
}

function find(names: readonly string[], withData: boolean, { engine }: Context) {
  const secrets = new Secrets(engine.paths.graphRoot);
  const reports: SecretReport[] = [];
  const missing: TspodError[] = [];
  for (const name of names) {
    try {
      if (!withData) reports.push(report(secrets.find(name)));
      else {
        const { record, data } = secrets.data(name);
        reports.push({ ...report(record), SecretData: data.toString() });
      }
    } catch (error) {
      if (!hasCode(error, 'NO_SUCH_SECRET')) throw error;
      missing.push(error);
    }
  }
  return { reports, missing };
}

function report({ id, name, labels, createdAt, updatedAt, driver, driverOptions }: SecretRecord): SecretReport {
  const Spec = { Name: name, Driver: { Name: driver, Options: driverOptions }, Labels: labels ?? {} };
  return { ID: id, CreatedAt: createdAt, UpdatedAt: updatedAt, Spec };
}

function prettyText({ ID, CreatedAt, UpdatedAt, Spec }: SecretReport): string {
  const labels = Object.entries(Spec.Labels).map(([key, value]) => `\n - ${key}=${value}`);
  const head = `ID:                ${ID}\nName:              ${Spec.Name}\nLabels:            ${labels.join('')}\n`;
  return `${head}Driver:            ${Spec.Driver.Name}\nCreated at:        ${CreatedAt}\nUpdated at:        ${UpdatedAt}\n`;
}
