import { type Context, defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import { networkOwner } from '../runtime/ps.ts';
import { latestContainer } from '../runtime/select.ts';
import { currentContainers } from '../runtime/sync.ts';

export default defineCommand({
  usage: 'port [options] CONTAINER [PORT]',
  describe: 'List port mappings or a specific mapping for the container',
  long: `List port mappings for the CONTAINER, or look up the public-facing port that is NAT-ed to the PRIVATE_PORT
`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Display port information for all containers' },
    latest: {
      type: 'boolean',
      alias: 'l',
      describe: 'Act on the latest container podman is aware of\nNot supported with the "--remote" flag',
    },
  },
  operands: { complete: 'containers' },
  examples: ['port --all', 'port ctrID 80/tcp'],

  async handler({ all, latest, operands }, { engine, stdout }) {
    const refuse = (wrong: boolean, message: string) => {
      if (wrong) throw new TspodError('BAD_ARGUMENT', message);
    };
    refuse(all && latest, '--all and --latest cannot be used together');
    refuse(all && operands.length > 0, 'no additional arguments can be used with --all');
    refuse(!all && !latest && operands.length === 0, 'you must supply a running container name or id');
    refuse(operands.length > (latest ? 1 : 2), '`port` accepts at most 2 arguments');
    if (all) {
      const containers = await currentContainers(engine);
      for (const container of containers.filter(({ state }) => state.status === 'running')) {
        const { id } = container.config;
        stdout(
          lines(engine, container)
            .map(([key, host]) => `${id.slice(0, 12)}\t${key} -> ${host}\n`)
            .join(''),
        );
      }
      return;
    }
    const container = latest ? latestContainer(engine) : engine.state.find(operands[0] ?? '');
    stdout(answer(engine, container, latest ? operands[0] : operands[1]));
  },
});

function answer(engine: Context['engine'], container: Container, wanted: string | undefined): string {
  if (wanted === undefined)
    return lines(engine, container)
      .map(([key, host]) => `${key} -> ${host}\n`)
      .join('');
  const key = wantedKey(wanted);
  const found = lines(engine, container).filter(([each]) => each === key);
  if (found.length === 0) throw new TspodError('BAD_ARGUMENT', `failed to find published port "${wanted}"`);
  return found.map(([, host]) => `${host}\n`).join('');
}

/** `80` is `80/tcp`. */
function wantedKey(text: string): string {
  const [port = '', protocol = 'tcp'] = text.split('/');
  if (!/^\d+$/.test(port)) {
    throw new TspodError('BAD_ARGUMENT', `strconv.ParseUint: parsing "${port}": invalid syntax`);
  }
  return `${Number(port)}/${protocol}`;
}

/** Container's side and host's side of each port, ranges expanded. */
function lines(engine: Context['engine'], { config }: Container): [key: string, host: string][] {
  return networkOwner(engine, config).ports.flatMap(({ hostIp, hostPort, containerPort, protocol, range }) =>
    Array.from({ length: range }, (_, index): [string, string] => {
      const ip = hostIp === '' ? '0.0.0.0' : hostIp;
      return [`${containerPort + index}/${protocol}`, `${ip}:${hostPort + index}`];
    }),
  );
}
