import { defineCommand } from '../cli/command.ts';

export default defineCommand({
  usage: 'renumber',
  describe: 'Migrate lock numbers',
  long: 'Gives containers, pods and volumes new lock numbers in Podman. tspod locks files by name and has no numbers that could run out: it makes sure that its state can be read, and changes nothing.',
  flags: {},

  async handler(_args, { engine }) {
    engine.state.list();
  },
});
