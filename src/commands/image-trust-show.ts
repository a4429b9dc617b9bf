import { defineCommand, defineFlags } from '../cli/command.ts';
import { formatRows, printJson } from '../cli/format.ts';
import { readPolicyFile } from '../config/policy.ts';
import { trustFile, trustRows } from '../image/trust.ts';

const flags = defineFlags({
  json: { type: 'boolean', alias: 'j', describe: 'Output as json' },
  noheading: { type: 'boolean', alias: 'n', describe: 'Do not print column headings' },
  policypath: { type: 'string', hidden: true, describe: 'The policy.json to show', complete: 'files' },
  raw: { type: 'boolean', describe: 'Output raw policy file' },
  registrypath: { type: 'string', hidden: true, describe: 'The registries.d to show', complete: 'files' },
});

export default defineCommand({
  usage: 'show [options] [REGISTRY]',
  describe: 'Display trust policy for the system',
  long: 'Shows what policy.json asks of images, whose keys it trusts, and where signatures are looked for.',
  flags,
  operands: { max: 1 },
  examples: ['image trust show', 'image trust show --raw'],
  engineless: true,
  async handler({ json, noheading, policypath, raw, registrypath }, context) {
    const file = policypath || trustFile();
    if (raw) return context.stdout(`${readPolicyFile(file)}\n`);
    const rows = await trustRows(file, registrypath || undefined);
    if (json) return context.stdout(`${printJson(rows, { indent: '  ' })}\n`);
    const table = [
      ['TRANSPORT', 'transport'],
      ['NAME', 'repo_name'],
      ['TYPE', 'type'],
      ['ID', 'gpg_id'],
      ['STORE', 'sigstore'],
    ] as const;
    context.stdout(formatRows({ rows, table, noHeading: noheading }));
  },
});
