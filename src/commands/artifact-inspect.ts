import { defineCommand } from '../cli/command.ts';
import { isJson, normalize, printJson } from '../cli/format.ts';
import { goStruct } from '../cli/template/value.ts';
import { compileTemplate } from '../cli/template.ts';
import { findArtifact } from '../image/artifact/list.ts';
import type { Artifact } from '../image/artifact/store.ts';
import type { Descriptor } from '../oci/image-spec.ts';

export default defineCommand({
  usage: 'inspect [options] ARTIFACT',
  describe: 'Inspect an OCI artifact',
  long: 'Prints the manifest, the name and the digest of an artifact.',
  flags: { format: { type: 'string', alias: 'f', default: 'json', describe: 'Print JSON or what a Go template says' } },
  operands: { min: 1, max: 1 },
  examples: ['artifact inspect quay.io/myimage/myartifact:latest'],
  async handler({ operands: [name = ''], format }, context) {
    const artifact = await findArtifact(context.engine, name);
    if (format === '' || isJson(format)) return context.stdout(`${jsonOf(artifact)}\n`);
    context.stdout(compileTemplate(normalize(format), { name: 'inspect' })(templateData(artifact)));
  },
});

function jsonOf({ name, digest, manifest }: Artifact): string {
  return printJson({ Manifest: manifest, Name: name, Digest: digest }, { indent: '     ' });
}

/** Fields by Go's names; annotations are a map. */
function templateData({ name, digest, manifest }: Artifact): object {
  const fields = {
    ...manifest,
    artifactType: manifest.artifactType ?? '',
    config: descriptor(manifest.config),
    layers: manifest.layers.map(descriptor),
    annotations: new Map(Object.entries(manifest.annotations ?? {})),
  };
  return { Manifest: goStruct(fields, 'libartifact.Manifest'), Name: name, Digest: digest };
}

function descriptor(value: Descriptor): object {
  const annotations = new Map(Object.entries(value.annotations ?? {}));
  return goStruct({ ...value, annotations }, 'v1.Descriptor');
}
