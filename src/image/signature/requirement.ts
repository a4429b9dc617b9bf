/** One requirement of a policy (containers-policy.json(5), "Policy requirements"). Read strictly: a typo must not open a door. */
import { TspodError } from '../../errors.ts';
import { type Identity, parseIdentity } from './identity.ts';
import { exactKeys, isObject, type JsonObject, knownKeys } from './strict-json.ts';

/** Where public keys come from: files, or the keys themselves. */
export type KeySource = { paths: string[] } | { data: Buffer[] };

export type Requirement =
  | { type: 'insecureAcceptAnything' }
  | { type: 'reject' }
  | { type: 'signedBy'; keyType: string; keys: KeySource; identity: Identity }
  | { type: 'sigstoreSigned'; keys: KeySource; identity: Identity }
  /** Understood, but not something that tspod can check. */
  | { type: 'unsupported'; what: string };

const signedByKeys = ['type', 'keyType', 'keyPath', 'keyPaths', 'keyData', 'signedIdentity'];
const keyTypes = ['GPGKeys', 'signedByGPGKeys', 'X509Certificates', 'signedByX509CAs'];
const rekorKeys = ['rekorPublicKeyPath', 'rekorPublicKeyPaths', 'rekorPublicKeyData', 'rekorPublicKeyDatas'];
const uncheckable = ['fulcio', 'pki', ...rekorKeys];
const sigstoreKeys = ['type', 'keyPath', 'keyPaths', 'keyData', 'keyDatas', 'signedIdentity', ...uncheckable];

/** @throws TspodError BAD_CONFIG, CORRUPT_BLOB */
export function parseRequirement(value: unknown): Requirement {
  const type = isObject(value) ? value['type'] : undefined;
  switch (type) {
    case 'insecureAcceptAnything':
    case 'reject':
      exactKeys(value, ['type'], type);
      return { type };
    case 'signedBy':
      return signedBy(value as JsonObject);
    case 'sigstoreSigned':
      return sigstoreSigned(value as JsonObject);
    case 'signedBaseLayer':
      parseIdentity(exactKeys(value, ['type', 'baseLayerIdentity'], type)['baseLayerIdentity']);
      return { type: 'unsupported', what: type };
    default:
      throw bad(`Unknown policy requirement type ${JSON.stringify(type ?? '')}`);
  }
}

function signedBy(fields: JsonObject): Requirement {
  knownKeys(fields, signedByKeys, 'signedBy');
  const { keyType } = fields;
  if (typeof keyType !== 'string' || !keyTypes.includes(keyType)) {
    throw bad(`Unrecognized keyType value ${JSON.stringify(keyType ?? '')}`);
  }
  const keys = keySource(fields, ['keyPath', 'keyPaths', 'keyData']);
  const identity = parseIdentity(fields['signedIdentity']);
  if (keyType !== 'GPGKeys') return { type: 'unsupported', what: `signedBy with the keyType "${keyType}"` };
  return { type: 'signedBy', keyType, keys, identity };
}

function sigstoreSigned(fields: JsonObject): Requirement {
  knownKeys(fields, sigstoreKeys, 'sigstoreSigned');
  const identity = parseIdentity(fields['signedIdentity']);
  const beyond = uncheckable.find((key) => fields[key] !== undefined);
  if (beyond !== undefined) return { type: 'unsupported', what: `sigstoreSigned with "${beyond}"` };
  return { type: 'sigstoreSigned', keys: keySource(fields, ['keyPath', 'keyPaths', 'keyData', 'keyDatas']), identity };
}

function keySource(fields: JsonObject, names: readonly string[]): KeySource {
  const given = names.filter((name) => fields[name] !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) {
    throw bad(`exactly one of ${names.join(', ')} must be specified`);
  }
  const value = fields[name];
  const isList = name === 'keyPaths' || name === 'keyDatas';
  const texts: unknown[] = isList && Array.isArray(value) ? value : isList ? [] : [value];
  if (texts.length === 0) throw bad(`"${name}" contains no entries`);
  const checked = texts.map((text) => {
    if (typeof text === 'string' && text !== '') return text;
    throw bad(`"${name}" is no text`);
  });
  return name.startsWith('keyPath') ? { paths: checked } : { data: checked.map((text) => decoded(text, name)) };
}

function decoded(text: string, name: string): Buffer {
  if (!/^[A-Za-z0-9+/\r\n]*={0,2}$/.test(text)) throw bad(`illegal base64 data in "${name}"`);
  return Buffer.from(text, 'base64');
}

function bad(reason: string): TspodError {
  return new TspodError('BAD_CONFIG', reason);
}
