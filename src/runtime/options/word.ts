import { badArgument } from './bad-argument.ts';

/**
 * Expands `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+alternative}` as a Dockerfile does; quotes are removed,
 * nothing is expanded within single ones. An unknown variable is empty.
 */
export function expandWord(word: string, env: ReadonlyMap<string, string>): string {
  const token =
    /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"|\$\{([A-Za-z_]\w*)(?::([-+])([^}]*))?\}|\$([A-Za-z_]\w*)|(\$\{)|([^\\'"$]+|.)/gs;
  return word.replace(token, (_, escaped, single, double, name, operator, alternative, plain, broken, text) => {
    if (broken) badArgument(`unable to process variables for --env-merge ${word}: missing ':' or '}' in substitution`);
    if (escaped !== undefined) return escaped;
    if (single !== undefined) return single;
    if (double !== undefined) return expandWord(double, env);
    if (plain !== undefined) return env.get(plain) ?? '';
    if (name === undefined) return text;
    const value = env.get(name) ?? '';
    if (operator === '-') return value || expandWord(alternative, env);
    if (operator === '+') return value && expandWord(alternative, env);
    return value;
  });
}
