/** There is no builder of our own yet: Buildah, where it is installed, builds into the very same store. */
import { defineCommand } from '../cli/command.ts';
import { hasErrno, TspodError } from '../errors.ts';
import { bridgeExists, removeIdleBridge } from '../network/idle-bridge.ts';
import { launch, waitChild } from '../system/spawn.ts';

export default defineCommand({
  usage: 'build [BUILDAH-OPTION...] [CONTEXT]',
  describe: 'Build an image using instructions from Containerfiles',
  long: 'Hands everything over to buildah(1), on the same store.',
  hidden: true,
  raw: true,
  flags: {},
  operands: {},
  async handler({ operands }, { engine }) {
    const { graphRoot, runRoot } = engine.paths;
    const store = ['--root', graphRoot, '--runroot', runRoot, '--storage-driver', engine.storageConf.driver];
    // Podman keeps the layers of single steps, Buildah does only when it is told to.
    const hadBridge = bridgeExists(buildahBridge);
    const { status, signal } = await waitChild(start([...store, 'build', '--layers', ...operands]));
    if (!hadBridge) removeIdleBridge(buildahBridge);
    return status ?? 128 + (signal ?? 0);
  },
});

/** An older Buildah makes it for RUN and leaves it: it has the subnet of the default network, whose containers it cuts off. */
const buildahBridge = 'cni-podman0';

/** @throws UNSUPPORTED without Buildah */
function start(args: string[]): number {
  try {
    return launch({ file: 'buildah', args, fds: { 0: 0, 1: 1, 2: 2 } });
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
    const hint = 'install buildah: images are built with it, on the same store';
    throw new TspodError('UNSUPPORTED', '`podman build` is not supported by tspod yet', { cause, hint });
  }
}
