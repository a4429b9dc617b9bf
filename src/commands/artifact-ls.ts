import { defineCommand } from '../cli/command.ts';
import { formatRows } from '../cli/format.ts';
import { humanDuration, humanSize } from '../cli/units.ts';
import { listArtifacts } from '../image/artifact/list.ts';
import type { Artifact } from '../image/artifact/store.ts';
import { splitName } from '../image/names.ts';
import { hexOf } from '../oci/digest.ts';

export default defineCommand({
  usage: 'ls [options]',
  describe: 'List OCI artifacts',
  long: 'Lists the artifacts of the store.',
  flags: {
    format: { type: 'string', describe: 'Print what a Go template says', complete: 'none' },
    'no-trunc': { type: 'boolean', describe: 'Do not shorten digests' },
    noheading: { type: 'boolean', alias: 'n', describe: 'Do not print the headings' },
  },
  operands: { max: 0 },
  examples: ['artifact ls'],
  async handler({ format, noTrunc, noheading }, context) {
    const rows = (await listArtifacts(context.engine)).map((artifact) => rowOf(artifact, noTrunc));
    const table = [
      ['REPOSITORY', 'Repository'],
      ['TAG', 'Tag'],
      ['DIGEST', 'Digest'],
      ['CREATED', 'Created'],
      ['SIZE', 'Size'],
    ] as const;
    context.stdout(formatRows({ rows, format, table, noHeading: noheading, name: 'ls' }));
  },
});

function rowOf({ name, digest, manifest }: Artifact, noTrunc: boolean) {
  const { repository, tag } = splitName(name);
  const hex = hexOf(digest);
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  const created = Date.parse(manifest.annotations?.['org.opencontainers.image.created'] ?? '');
  return {
    Repository: repository,
    Tag: tag === '<none>' ? '' : tag,
    Digest: noTrunc ? hex : hex.slice(0, 12),
    Created: Number.isNaN(created) ? '' : `${humanDuration(Date.now() - created)} ago`,
    Size: humanSize(size, 4),
    VirtualSize: String(size),
  };
}
