/** TLS material for one registry: the system's CAs plus certs.d. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { messageOf, TspodError } from '../errors.ts';

export interface Certificates {
  /** PEM texts: the system's bundle and every `*.crt` of the registry's folder. */
  ca: string[];
  /** Client certificate and key, when the folder has a pair. */
  cert?: string;
  key?: string;
}

export interface CertificateOptions {
  /** The folder to use instead of that of the host in certs.d. */
  certDir?: string | undefined;
  /** False where nothing is verified: reading the system's bundle takes 20 ms. */
  authorities?: boolean;
}

const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * Reads the certificates for a registry. Node's own list of CAs is not used: like Podman, tspod trusts what the
 * system trusts (`SSL_CERT_FILE`, `SSL_CERT_DIR`, else the distribution's bundle).
 *
 * @param host host with the port, the name of the folder in certs.d
 * @throws TspodError BAD_CONFIG for a certificate without its key
 */
export function loadCertificates(host: string, { certDir, authorities = true }: CertificateOptions = {}): Certificates {
  const ca = authorities ? systemAuthorities() : [];
  const folder = certDir ?? certsFolder(host);
  if (folder === undefined || !existsSync(folder)) return { ca };
  const names = readdirSync(folder).sort();
  for (const name of names) if (name.endsWith('.crt')) ca.push(read(`${folder}/${name}`));
  const certName = names.find((name) => name.endsWith('.cert'));
  if (certName === undefined) return { ca };
  const keyName = certName.replace(/\.cert$/, '.key');
  if (!names.includes(keyName)) {
    throw new TspodError('BAD_CONFIG', `missing key ${keyName} for client certificate ${certName} in "${folder}"`);
  }
  return { ca, cert: read(`${folder}/${certName}`), key: read(`${folder}/${keyName}`) };
}

function certsFolder(host: string): string | undefined {
  const user = `${process.env['XDG_CONFIG_HOME'] ?? `${homedir()}/.config`}/containers`;
  const roots = [user, '/etc/containers', '/usr/share/containers', '/etc/docker'];
  return roots.map((root) => `${root}/certs.d/${host}`).find((folder) => existsSync(folder));
}

function systemAuthorities(): string[] {
  const file = process.env['SSL_CERT_FILE'] ?? bundles.find((path) => existsSync(path));
  const texts = file !== undefined && existsSync(file) ? [read(file)] : [];
  const folder = process.env['SSL_CERT_DIR'];
  for (const dir of folder ? folder.split(':') : []) {
    if (!existsSync(dir)) continue;
    for (const name of readdirSync(dir)) if (/\.(pem|crt)$/.test(name)) texts.push(read(`${dir}/${name}`));
  }
  return texts;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TspodError('BAD_CONFIG', `reading certificate "${path}": ${messageOf(error)}`, { cause: error });
  }
}
