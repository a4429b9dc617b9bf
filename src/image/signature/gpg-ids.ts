/** Whose keys a requirement names, for people to read. */
import { hasCode } from '../../errors.ts';
import { GpgFolder } from './gpg.ts';
import { keyBytes } from './key-source.ts';
import { parseRequirement } from './requirement.ts';

/** E-mail addresses (or names) of the keys; none where the keys cannot be read. @throws TspodError MISSING_PROGRAM */
export async function gpgIds(fields: object): Promise<string[]> {
  const requirement = parseRequirement(fields);
  if (requirement.type !== 'signedBy') return [];
  const folder = new GpgFolder();
  try {
    const ids: string[] = [];
    for (const key of keyBytes(requirement.keys)) {
      const { stdout } = await folder.run({
        files: { key },
        args: (at) => ['--homedir', folder.path, '--no-autostart', '--with-colons', '--show-keys', '--', at('key')],
      });
      ids.push(...idsIn(stdout));
    }
    return ids;
  } catch (error) {
    if (hasCode(error, 'BAD_CONFIG')) return [];
    throw error;
  } finally {
    folder.close();
  }
}

function idsIn(listing: string): string[] {
  const lines = listing.split('\n').map((line) => line.split(':'));
  const users = lines.flatMap(([type, ...rest]) => (type === 'uid' && rest[8] ? [unescaped(rest[8])] : []));
  return users.map((user) => /<([^>]*)>/.exec(user)?.[1] ?? user);
}

/** gpg writes colons and control characters as `\x3a`. */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
