import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { manual } from '../src/cli/manual.ts';
import { commands } from '../src/commands/index.ts';

const dir = process.argv[2] ?? 'docs/commands';
mkdirSync(dir, { recursive: true });
const pages = await manual(commands);
for (const file of readdirSync(dir)) if (file.endsWith('.md') && !pages.has(file)) rmSync(`${dir}/${file}`);
for (const [file, text] of pages) writeFileSync(`${dir}/${file}`, text);
