import { TspodError } from '../errors.ts';

export type PullPolicy = 'always' | 'missing' | 'newer' | 'never';

const policies: Record<string, PullPolicy> = {
  always: 'always',
  true: 'always',
  missing: 'missing',
  ifnotpresent: 'missing',
  '': 'missing',
  newer: 'newer',
  ifnewer: 'newer',
  never: 'never',
  false: 'never',
};

/** --pull of `create` and `run`, or pull_policy of containers.conf. @throws BAD_ARGUMENT in Podman's words */
export function pullPolicy(text: string): PullPolicy {
  const policy = policies[text.toLowerCase()];
  if (policy) return policy;
  throw new TspodError('BAD_ARGUMENT', `unsupported pull policy ${JSON.stringify(text)}`);
}
