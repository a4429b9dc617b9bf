/** Failures of the connection, in the words that Podman (Go's net and crypto/tls) has for them. */
import { TspodError } from '../errors.ts';

interface NetworkError extends Error {
  code?: string;
  address?: string;
  port?: number;
  hostname?: string;
  reason?: string;
  errors?: NetworkError[];
}

/** Why a request failed, for example `dial tcp 127.0.0.1:1: connect: connection refused`. */
export function networkReason(thrown: unknown): string {
  const error = firstCause(thrown);
  const code = error.code ?? '';
  if (isPlainHttpAnswer(thrown)) return 'http: server gave HTTP response to HTTPS client';
  const certificate = certificateReason(error);
  if (certificate !== null) return `tls: failed to verify certificate: x509: ${certificate}`;
  const at = error.address === undefined ? 'dial tcp' : `dial tcp ${joinPort(error.address, error.port)}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `${at}: connect: connection refused`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${error.hostname ?? ''}: no such host`;
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${error.hostname ?? ''}: server misbehaving`;
    case 'EHOSTUNREACH':
      return `${at}: connect: no route to host`;
    case 'ENETUNREACH':
      return `${at}: connect: network is unreachable`;
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `${at}: i/o timeout`;
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'the server sent nothing for too long';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'connection reset by peer';
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'unexpected EOF';
    default:
      return code.startsWith('ERR_SSL') || code === 'EPROTO' ? `tls: ${error.reason ?? code}` : error.message;
  }
}

/** Worth another try: the connection broke or was refused. Bad certificates and unknown hosts are not. */
export function isTransient(thrown: unknown): boolean {
  const code = firstCause(thrown).code ?? '';
  return /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR_(SOCKET|.*TIMEOUT|RES_CONTENT_LENGTH_MISMATCH))$/.test(
    code,
  );
}

/** TLS was spoken to a server that answers in plain HTTP. */
export function isPlainHttpAnswer(thrown: unknown): boolean {
  const error = firstCause(thrown);
  const text = `${error.code ?? ''} ${error.message}`;
  return /wrong.version.number|packet.length.too.long|http.request|EPROTO/i.test(text);
}

/** The error for a host that could not be talked to. */
export function unreachable(host: string, url: string, thrown: unknown): TspodError {
  const words = `pinging container registry ${host}: Get "${url}": ${networkReason(thrown)}`;
  return new TspodError('UNREACHABLE', words, { cause: thrown });
}

function certificateReason(error: NetworkError): string | null {
  switch (error.code) {
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'certificate signed by unknown authority';
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'certificate has expired or is not yet valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `certificate is not valid for this name: ${error.reason ?? error.message}`;
    default:
      return null;
  }
}

/** Node wraps: one error per address that was tried, or a cause. */
function firstCause(thrown: unknown): NetworkError {
  const error: NetworkError = thrown instanceof Error ? thrown : new Error(String(thrown));
  const inner = error.errors?.[0];
  if (inner) return inner;
  return error.code === undefined && error.cause instanceof Error ? error.cause : error;
}

function joinPort(address: string, port: number | undefined): string {
  const text = address.includes(':') ? `[${address}]` : address;
  return port === undefined ? text : `${text}:${port}`;
}
