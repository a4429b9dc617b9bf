/** The `WWW-Authenticate` header of RFC 9110, as registries use it. */
export interface Challenge {
  scheme: 'bearer' | 'basic';
  realm: string;
  service: string;
  scope: string;
}

/** The first challenge that tspod can answer, or null. */
export function parseChallenge(header: string | string[] | undefined): Challenge | null {
  const headers = header === undefined ? [] : [header].flat();
  const challenges = headers.map(parseOne).filter((challenge) => challenge !== null);
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges[0] ?? null;
}

function parseOne(header: string): Challenge | null {
  const [, word = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(header.slice(0, 8192)) ?? [];
  const scheme = word.toLowerCase();
  if (scheme !== 'bearer' && scheme !== 'basic') return null;
  const values = new Map<string, string>();
  for (const [, key = '', quoted, plain] of rest.matchAll(/([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)) {
    values.set(key.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return {
    scheme,
    realm: values.get('realm') ?? '',
    service: values.get('service') ?? '',
    scope: values.get('scope') ?? '',
  };
}
