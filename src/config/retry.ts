/** How often containers.conf wants failed transfers tried again. */
import type { ContainersConf } from './containers-conf.ts';
import { parseDuration } from './duration.ts';

/** Read when a member is: most calls talk to no registry. @param conf the merged containers.conf */
export function retryOf(conf: () => ContainersConf): {
  readonly retry: number;
  readonly retryDelay: number | undefined;
} {
  return {
    get retry() {
      return conf().engine.retry;
    },
    get retryDelay() {
      const text = conf().engine.retryDelay;
      // Without one the wait grows with every try.
      return text === '' ? undefined : parseDuration(text);
    },
  };
}
