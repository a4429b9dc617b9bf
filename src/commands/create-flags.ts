/** The flags that `create` and `run` share: all of Podman's. src/runtime/options/ makes a container's configuration of them. */
import { defineFlags } from '../cli/command.ts';
import { healthFlags } from './create-flags-health.ts';
import { networkFlags } from './create-flags-network.ts';
import { processFlags } from './create-flags-process.ts';
import { imageFlags } from './create-flags-pull.ts';
import { resourceFlags } from './create-flags-resources.ts';
import { securityFlags } from './create-flags-security.ts';
import { storageFlags } from './create-flags-storage.ts';

export const createFlags = defineFlags({
  ...processFlags,
  ...imageFlags,
  ...storageFlags,
  ...networkFlags,
  ...securityFlags,
  ...resourceFlags,
  ...healthFlags,
});
