/** The manual page of a command as Markdown, made from the same table as parser, help and completion. */
import type { AnyCommand, CommandTable } from './command.ts';
import type { Flag, Flags } from './flag.ts';
import { persistentFlags, rootFlags } from './globals.ts';
import { valuePart } from './help.ts';
import { childrenOf, type Found, findCommand, lastWord } from './lookup.ts';

/** File name to text: one page a command under its first name, and README.md with the list. */
export async function manual(table: CommandTable): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const lines: string[] = [];
  for (const [names, load] of table.rows) {
    const command = (await load()).default;
    const found = findCommand(table, names.split('|')[0] ?? '');
    if (command.hidden || !found || pages.has(fileOf(found.path))) continue;
    pages.set(fileOf(found.path), page(found, command, names.split('|')));
    lines.push(`| [${found.path}](${fileOf(found.path)}) | ${cell(command.describe)} |`);
  }
  pages.set('README.md', overview(table, lines.sort()));
  return pages;
}

function fileOf(path: string): string {
  return `${path.replaceAll(' ', '-')}.md`;
}

function page(found: Found, command: AnyCommand, names: string[]): string {
  const usage = [found.path, ...command.usage.split(' ').slice(1)].join(' ');
  const others = names.slice(1).map((name) => `\`tspod ${name}\``);
  const sections = [
    `# tspod ${found.path}`,
    `${command.describe}.`,
    `\`\`\`\ntspod ${usage}\n\`\`\``,
    ...(others.length > 0 ? [`Also: ${others.join(', ')}`] : []),
    ...(command.long ? [paragraphs(command.long)] : []),
    ...options(command.flags),
    ...(command.examples?.length ? [examples(command.examples)] : []),
    ...exitCodes(command),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Help texts are indented for the terminal. */
function paragraphs(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replaceAll('<', '\\<')
    .trim();
}

function options(flags: Flags): string[] {
  const shown = Object.entries(flags).filter(([, flag]) => !flag.hidden);
  const rows = shown.filter(([, flag]) => flag.unsupported === undefined).map(([name, flag]) => optionRow(name, flag));
  const refused = shown.flatMap(([name, { unsupported }]) =>
    unsupported === undefined ? [] : [`- \`--${name}\`: ${unsupported}`],
  );
  return [
    ...(rows.length > 0 ? [`## Options\n\n| option | |\n|---|---|\n${rows.sort().join('\n')}`] : []),
    ...(refused.length > 0 ? [`## Refused by name\n\n${refused.sort().join('\n')}`] : []),
  ];
}

function optionRow(name: string, flag: Flag): string {
  const names = [
    `--${name}`,
    ...(flag.alias ? [`-${flag.alias}`] : []),
    ...(flag.aliases ?? []).map((other) => `--${other}`),
  ];
  const value = valuePart(flag).trim();
  const text = flag.default === undefined || flag.default === '' ? '' : ` (default \`${String(flag.default)}\`)`;
  return `| ${names.map((each) => `\`${each}\``).join(', ')}${value === '' ? '' : ` ${cell(value)}`} | ${cell(flag.describe)}${cell(text)} |`;
}

function examples(lines: readonly string[]): string {
  return `## Examples\n\n\`\`\`\n${lines.map((line) => `tspod ${line}`).join('\n')}\n\`\`\``;
}

/** Only what differs from the usual: docs/exit-codes.md has that. */
function exitCodes({ exitCodes: codes = {} }: AnyCommand): string[] {
  const rows = Object.entries(codes).map(([code, number]) => `- ${number}: ${code.toLowerCase().replaceAll('_', ' ')}`);
  return rows.length > 0 ? [`## Exit codes\n\n${rows.sort().join('\n')}`] : [];
}

function overview(table: CommandTable, lines: string[]): string {
  const nouns = childrenOf(table, '').filter(({ row, path }) => row === undefined && table.nouns[path] !== '');
  return `${[
    '# Commands',
    'Made by `scripts/make-docs` from the tables in `src/commands`. What Podman or Docker has and tspod has not is refused by name.',
    `| command | |\n|---|---|\n${lines.join('\n')}`,
    `Groups: ${nouns.map(({ path }) => `\`tspod ${lastWord(path)}\``).join(', ')}.`,
    '# Global options',
    'These may also stand after the command:',
    ...options(persistentFlags),
    'These stand before it:',
    ...options(rootFlags),
  ].join('\n\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '\\<');
}
