/** Driver options of a network (`network create --opt`): Docker's names translated, values checked. */
import { TspodError } from '../errors.ts';
import type { Network } from './network.ts';

/** Changes `network.options` (and the bridge's name) to what is stored. BAD_ARGUMENT in Podman's words. */
export function checkOptions(network: Network): void {
  const options: Record<string, string> = {};
  for (const [key, value] of Object.entries(network.options ?? {})) {
    const name = network.driver === 'bridge' ? (dockerNames[key] ?? key) : key;
    if (name === 'bridge-name') network.network_interface = value;
    else options[name] = checked(network.driver, name, value);
  }
  network.options = options;
}

const dockerNames: Record<string, string> = {
  'com.docker.network.driver.mtu': 'mtu',
  'com.docker.network.bridge.name': 'bridge-name',
};

const modes: Record<string, string[]> = {
  bridge: ['managed', 'unmanaged'],
  macvlan: ['bridge', 'private', 'vepa', 'passthru'],
  ipvlan: ['l2', 'l3', 'l3s'],
};

const known: Record<string, string[]> = {
  bridge: ['mtu', 'vlan', 'isolate', 'metric', 'no_default_route', 'vrf', 'mode'],
  macvlan: ['mode', 'metric', 'mtu', 'no_default_route', 'bclim'],
  ipvlan: ['mode', 'metric', 'mtu', 'no_default_route'],
};

function checked(driver: string, name: string, value: string): string {
  if (!known[driver]?.includes(name)) {
    throw bad(
      driver === 'bridge'
        ? `unsupported bridge network option ${name}`
        : `unsupported ${driver} network option ${name}`,
    );
  }
  if (name === 'mode' && !modes[driver]?.includes(value)) throw bad(`unknown ${driver} mode "${value}"`);
  if (name === 'mtu' && number(value, 'mtu') < 0) throw bad(`mtu ${value} is less than zero`);
  if (name === 'vlan' && (number(value, 'vlan') < 0 || Number(value) > 4094)) {
    throw bad(`vlan ID ${value} must be between 0 and 4094`);
  }
  if (name === 'metric' || name === 'bclim') number(value, name);
  if (name === 'vrf' && value === '') throw bad('invalid vrf name');
  if (name === 'no_default_route') return String(boolean(value));
  if (name === 'isolate') return value === 'strict' ? value : String(boolean(value, 'isolate'));
  return value;
}

function number(value: string, _name: string): number {
  if (/^[+-]?\d+$/.test(value)) return Number(value);
  throw bad(`strconv.Atoi: parsing "${value}": invalid syntax`);
}

function boolean(value: string, option?: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  if (option) throw bad(`failed to parse ${option} option: strconv.ParseBool: parsing "${value}": invalid syntax`);
  throw bad(`strconv.ParseBool: parsing "${value}": invalid syntax`);
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
