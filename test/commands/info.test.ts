import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { newEngine } from '../helpers/tspod.ts';

const engine = newEngine({ registries: 'unqualified-search-registries = ["quay.io"]\n' });
afterAll(() => engine.cleanup());

/** The names that `podman info --format json` of 5.8 has, one level deep. */
const FIELDS: Record<string, string> = {
  host: `arch buildahVersion cgroupManager cgroupVersion cgroupControllers conmon cpus cpuUtilization databaseBackend
    distribution eventLogger freeLocks hostname idMappings kernel logDriver memFree memTotal networkBackend
    networkBackendInfo ociRuntime os remoteSocket rootlessNetworkCmd serviceIsRemote security slirp4netns pasta
    swapFree swapTotal uptime variant linkmode`,
  store: `configFile containerStore graphDriverName graphOptions graphRoot graphRootAllocated graphRootUsed graphStatus
    imageCopyTmpDir imageStore runRoot volumePath transientStore`,
  registries: 'search',
  plugins: 'volume network log authorization',
  version: 'APIVersion Version GoVersion GitCommit BuiltTime Built BuildOrigin OsArch Os',
};

test('JSON has the fields of Podman', async () => {
  const info = JSON.parse(await engine.ok('info', '--format', 'json')) as Record<string, Record<string, unknown>>;
  for (const [part, names] of Object.entries(FIELDS)) {
    expect(Object.keys(info[part] ?? {}).sort(), part).toEqual(names.split(/\s+/).sort());
  }
  expect(info['store']).toMatchObject({ graphRoot: engine.root, runRoot: engine.runroot, imageStore: { number: 0 } });
  expect(info['host']).toMatchObject({ ociRuntime: { name: expect.stringMatching(/^(crun|runc)$/) } });
  expect(info['registries']).toEqual({ search: ['quay.io'] });
});

test('without --format the same is YAML', async () => {
  const text = await engine.ok('info');
  expect(text).toMatch(/^host:\n {2}arch: \w+\n/);
  expect(text).toContain(`\n  graphRoot: ${engine.root}\n`);
  expect(text).toContain('\n  graphOptions: {}\n');
});

describe('templates use the names of Go', () => {
  test.each([
    ['{{.Host.OCIRuntime.Name}}', /^(crun|runc)$/],
    ['{{.Host.CgroupsVersion}}', /^v[12]$/],
    ['{{.Host.Security.Rootless}}', /^(true|false)$/],
    ['{{.Host.IDMappings.UIDMap}}', /^/],
    ['{{.Store.GraphDriverName}} {{.Store.ContainerStore.Number}}', /^overlay 0$/],
    ['{{index .Store.GraphOptions "overlay.use_composefs"}}', /^<no value>$/],
    ['{{.Store.GraphOptions}}', /^map\[\]$/],
    ['{{.Plugins.Volume}}', /^\[local\]$/],
    ['{{range .Registries.search}}{{.}}{{end}}', /^quay\.io$/],
  ])('%s', async (format, output) => {
    expect(await engine.ok('info', '--format', format)).toMatch(output);
  });
});

test('an unknown field is told with its type', async () => {
  const { stderr, exitCode } = await engine.tspod('info', '--format', '{{.Host.Nope}}');
  expect(stderr).toBe(
    'Error: template: info:1:7: executing "info" at <.Host.Nope>: can\'t evaluate field Nope in type *define.HostInfo\n',
  );
  expect(exitCode).toBe(125);
});

test('it leaves no files but the folders of the store', async () => {
  await engine.ok('info', '--format', '{{.Host.Arch}}');
  expect(readdirSync(engine.root).filter((name) => /tmp|json/.test(name))).toEqual([]);
});
