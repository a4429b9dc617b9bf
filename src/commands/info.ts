import { defineCommand } from '../cli/command.ts';
import { isJson, normalize, printJson } from '../cli/format.ts';
import { compileTemplate, goStruct, goStructs } from '../cli/template.ts';
import { BUILDAH_VERSION, versionInfo } from '../cli/version.ts';
import { toYaml } from '../cli/yaml.ts';
import { loadRegistriesConf } from '../config/registries-conf.ts';
import type { Engine } from '../engine.ts';
import { hostInfo } from '../runtime/info/host-info.ts';
import { storeInfo } from '../runtime/info/store-info.ts';

export default defineCommand({
  usage: 'info [options]',
  describe: 'Display podman system information',
  long: 'Display information pertaining to the host, current storage stats, and build of podman.\n\n  Useful for the user and when reporting issues.\n',
  flags: {
    debug: { type: 'boolean', alias: 'D', describe: 'Display additional debug information', hidden: true },
    format: { type: 'string', alias: 'f', describe: 'Change the output format to JSON or a Go template' },
  },
  examples: ['info'],
  handler({ format, given }, { engine, stdout }) {
    const info = report(engine);
    if (format !== undefined && isJson(format)) stdout(`${printJson(info, { indent: '  ', escapeHtml: true })}\n`);
    else if (given.has('format')) stdout(compileTemplate(normalize(format ?? ''), { name: 'info' })(info));
    else stdout(`${toYaml(info)}\n`);
  },
});

/** Everything, with Podman's JSON names; parts are computed when they are shown. */
function report(engine: Engine) {
  return goStruct(
    {
      get host() {
        return namedHost(engine);
      },
      get store() {
        const store = storeInfo(engine, engine.storageConf);
        goStruct(store.graphOptions, 'map[string]interface {}');
        goStruct(store.graphStatus, 'map[string]string');
        return goStructs(store, '*define.StoreInfo');
      },
      get registries() {
        return registries();
      },
      plugins: goStruct(
        {
          volume: ['local', ...Object.keys(engine.conf.engine.volumePlugins)],
          network: ['bridge', 'macvlan', 'ipvlan'],
          log: ['k8s-file', 'none', 'passthrough', 'journald'],
          authorization: null,
        },
        'define.Plugins',
      ),
      get version() {
        return goStruct(versionInfo(), 'define.Version');
      },
    },
    'system.infoReport',
  );
}

/** Go's names where they are not the JSON's. */
function namedHost(engine: Engine) {
  return goStructs(hostInfo(engine, BUILDAH_VERSION), '*define.HostInfo', { CgroupsVersion: 'cgroupVersion' });
}

function registries(): Record<string, unknown> {
  const conf = loadRegistriesConf();
  const all: Record<string, unknown> = {};
  if (conf.searchRegistries.length > 0) all['search'] = conf.searchRegistries;
  for (const entry of conf.registries) {
    all[entry.prefix] = {
      Prefix: entry.prefix,
      Location: entry.location,
      Insecure: entry.insecure,
      Mirrors: entry.mirrors.map(({ location, insecure, pullFrom }) => ({
        Location: location,
        Insecure: insecure,
        PullFromMirror: pullFrom,
      })),
      Blocked: entry.blocked,
      MirrorByDigestOnly: entry.mirrorByDigestOnly,
    };
  }
  return goStruct(all, 'map[string]interface {}');
}
