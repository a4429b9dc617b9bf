import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { readKeyValueFile } from './key-value-file.ts';

/** Labels of the image, the files and the command line; later ones win. */
export function buildLabels({ options, image, host }: BuildInput): Record<string, string> {
  const labels: Record<string, string> = { ...image?.config.config?.Labels };
  for (const line of options.labelFile.flatMap(readKeyValueFile)) {
    const [name, value] = cut(line);
    if (name === '') badArgument(`invalid environment variable: ${JSON.stringify(line)}`);
    if (/[ \t]/.test(name)) badArgument(`name ${JSON.stringify(name)} has white spaces, poorly formatted name`);
    labels[name] = value;
  }
  for (const line of options.label) {
    const [name, value] = cut(line);
    if (name === '') badArgument(`invalid label format: ${JSON.stringify(line)}`);
    labels[name] = value;
  }
  const unit = host.env['PODMAN_SYSTEMD_UNIT'];
  return unit ? { ...labels, PODMAN_SYSTEMD_UNIT: unit } : labels;
}

/** Annotations for the runtime: never those of the image, which could steer it. */
export function buildAnnotations({ options, conf }: BuildInput): Record<string, string> {
  const annotations = Object.fromEntries(conf.containers.annotations.map(cut));
  for (const line of options.annotation) {
    if (!line.includes('=')) badArgument('annotations must be formatted KEY=VALUE');
    const [name, value] = cut(line);
    annotations[name] = value;
  }
  return annotations;
}

/** `name=value`, split at the first `=`. */
export function cut(line: string): [string, string] {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
