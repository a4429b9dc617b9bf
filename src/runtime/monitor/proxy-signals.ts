import { constants } from 'node:os';

/** All that make sense to pass on: not those of the terminal's size, of children, or that cannot be caught. */
const passedOn = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGCONT',
  'SIGTSTP',
] as const;

/** Passes signals of this process on. Returns the function that ends it. */
export function proxySignals(send: (signal: number) => void): () => void {
  const handler = (name: NodeJS.Signals) => send(constants.signals[name]);
  for (const name of passedOn) process.on(name, handler);
  return () => {
    for (const name of passedOn) process.off(name, handler);
  };
}
