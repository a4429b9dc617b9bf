/** `create` for programs: the options are those of the command line, with the same names and the same defaults. */
import { completeOptions } from './commands/complete-options.ts';
import type { Engine } from './engine.ts';
import { TspodError } from './errors.ts';
import type { ResolvedImage } from './image/context.ts';
import { resolveImage } from './image/lookup.ts';
import type { Container } from './runtime/container.ts';
import { createContainer } from './runtime/create.ts';
import { hostFacts } from './runtime/host-facts.ts';
import { idSource } from './runtime/id-source.ts';
import { buildConfig } from './runtime/options/build-config.ts';
import { chooseRuntime } from './runtime/options/choose-runtime.ts';
import type { CreateOptions } from './runtime/options/create-options.ts';

/** `--publish 80:80 --rm` is `{ publish: ['80:80'], rm: true }`. */
export interface NewContainer extends Partial<Omit<CreateOptions, 'given' | 'pod' | 'initCtr'>> {
  /** A name or id in the store: `pullImage` first when it may be missing. */
  image: string;
  command?: string[];
}

/**
 * Records a container and makes its layer; nothing runs before `startContainer`.
 *
 * @throws TspodError NO_SUCH_IMAGE, BAD_ARGUMENT (an option's value), NAME_IN_USE
 */
export async function newContainer(engine: Engine, wanted: NewContainer): Promise<Container> {
  const { image: nameOrId, command = [], ...chosen } = wanted;
  const image = resolveImage(engine, nameOrId);
  if (!image) throw new TspodError('NO_SUCH_IMAGE', `${nameOrId}: image not known`);
  const config = await buildConfig({
    options: completeOptions(chosen),
    command,
    image: asBuildImage(image, nameOrId),
    createCommand: [],
    conf: engine.conf,
    host: hostFacts(),
    runtime: chooseRuntime(engine.globals.runtime, engine.conf),
    findContainer: (other) => engine.state.find(other),
    isNameTaken: (name) => engine.state.idOfName(name) !== null,
    ids: idSource(engine),
  });
  return createContainer(engine, config);
}

function asBuildImage({ record, name, config }: ResolvedImage, rawName: string) {
  return { id: record.id, name, rawName, config };
}
