import { defineCommand } from '../cli/command.ts';
import { humanSize } from '../cli/units.ts';
import { requireImage } from '../image/lookup.ts';
import { imageDescendants, imageLayers, type TreeNode } from '../image/tree.ts';

export default defineCommand({
  usage: 'tree [options] IMAGE',
  describe: 'Print layer hierarchy of an image in a tree format',
  long: 'Print layer hierarchy of an image in a tree format',
  flags: {
    whatrequires: { type: 'boolean', describe: 'Show all child images and layers of the specified image' },
  },
  operands: { min: 1, max: 1, complete: 'images' },
  examples: ['image tree alpine:latest'],

  handler({ operands, whatrequires }, { engine, stdout }) {
    const { record } = requireImage(engine, operands[0] ?? '');
    const { store } = engine;
    const tags = (record.names ?? []).filter((name) => !name.includes('@'));
    const lines = [
      `Image ID: ${record.id.slice(0, 12)}`,
      `Tags:     [${tags.join(' ')}]`,
      `Size:     ${humanSize(store.imageSize(record))}`,
      record.layer ? 'Image Layers' : 'No Image Layers',
    ];
    const top = whatrequires ? imageDescendants(store, record) : null;
    const nodes = whatrequires ? flatten(top) : imageLayers(store, record);
    stdout(`${[...lines, ...branches(nodes, '')].join('\n')}\n\n`);
  },
});

/** A line of only children is one level, as in Podman; where it forks, each child begins a level of its own. */
function flatten(node: TreeNode | null): TreeNode[] {
  if (node === null) return [];
  const [only] = node.children;
  if (node.children.length === 1 && only) return [{ ...node, children: [] }, ...flatten(only)];
  const forks = node.children.map((child) => {
    const [first, ...rest] = flatten(child);
    return { ...child, children: [...(first?.children ?? []), ...rest] };
  });
  return [{ ...node, children: [] }, ...forks];
}

function branches(nodes: TreeNode[], indent: string): string[] {
  return nodes.flatMap(({ id, size, tags, children }, index) => {
    const isLast = index === nodes.length - 1;
    const tops = tags.length > 0 ? ` Top Layer of: [${tags.join(' ')}]` : '';
    const line = `${indent}${isLast ? '└── ' : '├── '}ID: ${id.slice(0, 12)} Size: ${humanSize(size).padStart(7)}${tops}`;
    return [line, ...branches(children, `${indent}${isLast ? '    ' : '│   '}`)];
  });
}
