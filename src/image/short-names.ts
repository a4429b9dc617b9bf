/** Short names (`nginx`) become full ones: aliases first, then the search registries. */
import type { RegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import {
  formatReference,
  isShort,
  parseDocker,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../registry/reference.ts';

export interface PullNames {
  /** Full names with tag or digest, to be tried in order. */
  candidates: Reference[];
  /** What Podman says about the choice; '' for nothing. */
  description: string;
  /** An alias says it, so that even an image of localhost comes second. */
  isAlias: boolean;
  /** The user chose: worth an alias when the pull succeeds. The short name without its tag. */
  chosenFor?: string;
}

/** Asks which of several full names is meant. */
export type ChooseName = (names: string[]) => string;

/**
 * The full names that a name to be pulled may mean.
 *
 * @param choose asks the user; without, `enforcing` refuses to guess between registries
 * @throws TspodError BAD_ARGUMENT
 */
export function pullNames(conf: RegistriesConf, name: string, choose?: ChooseName): PullNames {
  const reference = parseReference(name);
  if (!isShort(reference)) {
    return { candidates: [withDefaultTag(parseDocker(name))], description: '', isAlias: false };
  }
  const names = shortNameCandidates(conf, reference);
  if (names.candidates.length === 0) {
    throw new TspodError(
      'BAD_ARGUMENT',
      `short-name "${name}" did not resolve to an alias and no unqualified-search registries are defined in "${conf.searchOrigin}"`,
    );
  }
  if (names.candidates.length === 1 || conf.shortNameMode === 'disabled') return names;
  if (choose) return chosen(names, formatReference({ ...reference, tag: '', digest: '' }), choose);
  if (conf.shortNameMode === 'permissive') return names;
  throw new TspodError('BAD_ARGUMENT', 'short-name resolution enforced but cannot prompt without a TTY');
}

function chosen({ candidates }: PullNames, short: string, choose: ChooseName): PullNames {
  const answer = choose(candidates.map(formatReference));
  const candidate = candidates.filter((reference) => formatReference(reference) === answer);
  return { candidates: candidate, description: '', isAlias: false, chosenFor: short };
}

/** The alias of a short name, or the name in every search registry. */
export function shortNameCandidates(conf: RegistriesConf, reference: Reference): PullNames {
  const { tag, digest } = reference;
  const short = formatReference({ ...reference, tag: '', digest: '' });
  const alias = conf.aliases.get(short);
  if (alias) {
    const target = withDefaultTag({ ...parseDocker(alias.target), tag, digest });
    return { candidates: [target], description: `Resolved "${short}" as an alias (${alias.origin})`, isAlias: true };
  }
  const candidates = conf.searchRegistries.map((host) =>
    withDefaultTag({ ...parseDocker(`${host}/${short}`), tag, digest }),
  );
  return {
    candidates,
    description: `Resolving "${short}" using unqualified-search registries (${conf.searchOrigin})`,
    isAlias: false,
  };
}
