import type { Flag } from '../flag.ts';
import { containerCandidates, imageCandidates } from './operand.ts';
import { type Completions, DEFAULT, type Names, NO_FILES, NO_SPACE } from './protocol.ts';

/** Candidates for the value of a flag. */
export function completeValue(name: string, flag: Flag, path: string, names: Names, current = ''): Completions {
  const choices = flag.choices ?? choicesIn(flag.describe);
  if (choices.length > 0) return plain(choices);
  if (name === 'filter') return { ...plain(FILTERS[path] ?? []), directive: NO_SPACE + NO_FILES };
  if (name === 'sysctl') return plain(names.sysctls(current));
  if (name === 'interface-name') return plain(names.interfaces());
  switch (flag.complete ?? guess(name)) {
    case 'files':
      return { candidates: [], directive: DEFAULT };
    case 'containers':
      return { candidates: containerCandidates(names.containers('all'), current), directive: NO_FILES };
    case 'running':
      return { candidates: containerCandidates(names.containers('running'), current), directive: NO_FILES };
    case 'images':
      return { candidates: imageCandidates(names.images(), current), directive: NO_FILES };
    case 'networks':
      return plain([...NETWORK_MODES, ...names.networks()]);
    case 'pods':
      return { candidates: containerCandidates(names.pods(), current), directive: NO_FILES };
    case 'volumes':
      return { ...plain(names.volumes()), directive: DEFAULT };
    default:
      return { candidates: [], directive: NO_FILES };
  }
}

const NETWORK_MODES = ['bridge', 'host', 'none', 'private', 'container:', 'ns:'];

function plain(texts: readonly string[]): Completions {
  return { candidates: texts.map((text) => ({ text })), directive: NO_FILES };
}

/** `("always"|"never")`, `(trace, debug)` and `Output by: a, b` in a description say what can be chosen. */
function choicesIn(describe: string): string[] {
  const quoted = /\((?:"[\w-]+"\|?){2,}\)/.exec(describe)?.[0].match(/[\w-]+/g);
  const listed = /\((\w+(?:, \w+){3,})\)|by: (\w+(?:, \w+)+)|: (\w+(?:, \w+){2,})$/.exec(describe);
  return quoted ?? (listed?.[1] ?? listed?.[2] ?? listed?.[3])?.split(', ') ?? [];
}

function guess(name: string): Flag['complete'] {
  if (/(^|-)(file|dir|path|authfile|cidfile|pidfile|input|output)$/.test(name)) return 'files';
  if (name === 'network') return 'networks';
  if (name === 'volume' || name === 'mount') return 'volumes';
  return name === 'volumes-from' ? 'containers' : 'none';
}

const CONTAINER_FILTERS =
  'ancestor= before= command= exited= health= id= label= label!= name= network= pod= restart-policy= since= status= until= volume=';
const IMAGE_FILTERS =
  'after= before= containers= dangling= digest= id= intermediate= label= manifest= readonly= reference= since= until=';

const FILTERS: Readonly<Record<string, string[]>> = Object.fromEntries(
  Object.entries({
    ps: CONTAINER_FILTERS,
    'container ps': CONTAINER_FILTERS,
    'container list': CONTAINER_FILTERS,
    images: IMAGE_FILTERS,
    'image list': IMAGE_FILTERS,
    'pod ps': 'ctr-ids= ctr-names= ctr-number= ctr-status= id= label= label!= name= network= status= until=',
    'network ls': 'name= id= label= driver= until= dangling=',
    'volume ls': 'name= driver= label= opt= dangling= until= scope=',
  }).map(([path, keys]) => [path, keys.split(' ')]),
);
