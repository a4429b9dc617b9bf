import { defineCommand } from '../cli/command.ts';
import { hasCode, TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import type { RuntimeContext } from '../runtime/context.ts';
import { runHealthcheck } from '../runtime/health/run.ts';

export default defineCommand({
  usage: 'run CONTAINER',
  describe: 'Run the health check of a container',
  flags: {},
  operands: { min: 1, max: 1, complete: 'containers' },
  examples: ['healthcheck run mywebapp'],

  async handler({ operands: [name = ''] }, { engine, stdout }) {
    const verdict = await runHealthcheck(engine, find(engine, name));
    if (verdict === 'healthy') return 0;
    stdout(`${verdict}\n`);
    return 1;
  },
});

function find(engine: RuntimeContext, name: string): Container {
  try {
    return engine.state.find(name);
  } catch (error) {
    if (!(error instanceof TspodError) || !hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
    const words = `unable to look up ${name} to perform a health check: ${error.message}`;
    throw new TspodError('NO_SUCH_CONTAINER', words, { cause: error });
  }
}
