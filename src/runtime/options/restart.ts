import type { RestartPolicy } from '../container.ts';
import { badArgument } from './bad-argument.ts';

/** --restart; undefined is `no`. */
export function parseRestart(text: string | undefined): RestartPolicy {
  const [policy = '', count, extra] = (text ?? '').split(':');
  if (extra !== undefined) badArgument('invalid restart policy: may specify retries at most once');
  if (count !== undefined && policy.toLowerCase() !== 'on-failure') {
    badArgument('restart policy retries can only be specified with on-failure restart policy');
  }
  if (count !== undefined && !/^[+-]?\d+$/.test(count)) {
    const reason = `strconv.Atoi: parsing ${JSON.stringify(count)}: invalid syntax`;
    badArgument(`parsing restart policy retry count: ${reason}`);
  }
  const maximumRetryCount = Number(count ?? 0);
  if (maximumRetryCount < 0) badArgument('must specify restart policy retry count as a number greater than 0');
  return { name: policyName(policy), maximumRetryCount };
}

function policyName(policy: string): RestartPolicy['name'] {
  switch (policy.toLowerCase()) {
    case '':
    case 'no':
    case 'never':
      return 'no';
    case 'always':
    case 'on-failure':
    case 'unless-stopped':
      return policy.toLowerCase() as RestartPolicy['name'];
    default:
      return badArgument(`${JSON.stringify(policy)} is not a valid restart policy: invalid argument`);
  }
}
