import { badArgument } from './bad-argument.ts';

/** Options of which one may be given, and how the complaint lists them. */
const groups: [names: string[], list: string][] = [
  [['noexec', 'exec'], "'noexec' or 'exec' option"],
  [['nodev', 'dev'], "'nodev' or 'dev' option"],
  [['nosuid', 'suid'], "'nosuid' or 'suid' option"],
  [['rw', 'ro'], "'rw' or 'ro' option"],
  [['z', 'Z', 'O'], "'z', 'Z', or 'O' option"],
  [['U'], "'U' option"],
  [
    ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
    "'[r]shared', '[r]private', '[r]slave' or '[r]unbindable' option",
  ],
  [['bind', 'rbind'], "'[r]bind' option"],
  [['copy', 'nocopy'], "'copy' or 'nocopy' option"],
  [['no-dereference'], "'no-dereference' option"],
];
const known = new Set(groups.flatMap(([names]) => names));

/** Checks the options of -v and of --mount type=bind. Those of Docker for the Mac are dropped. */
export function checkVolumeOptions(options: string[]): string[] {
  const kept = options.filter((option) => option !== 'cached' && option !== 'delegated');
  for (const option of kept) {
    if (/upperdir|workdir|^idmap/.test(option)) continue;
    if (!known.has(option)) badArgument(`invalid option type ${JSON.stringify(option)}`);
  }
  for (const [names, list] of groups) {
    if (kept.filter((option) => names.includes(option)).length < 2) continue;
    badArgument(`invalid options ${JSON.stringify(options.join(', '))}, can only specify 1 ${list}`);
  }
  for (const name of ['upperdir', 'workdir']) {
    if (kept.filter((option) => option.includes(name)).length < 2) continue;
    badArgument(`invalid options ${JSON.stringify(options.join(', '))}, can only specify 1 ${name} per overlay`);
  }
  return kept;
}
