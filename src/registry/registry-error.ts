/** What a registry answered instead of what was asked for, in the words of distribution's error codes. */

import { type ErrorCode, TspodError } from '../errors.ts';
import { parseBoundedJson } from '../oci/bounded-json.ts';
import { readBody } from './read-body.ts';
import type { HttpResponse } from './transport.ts';

const reasons: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const bodyLimit = 16 * 1024;

/**
 * Makes the error for a response that is no success, and frees its connection.
 *
 * @param doing what was asked for, for example `reading manifest v1 in quay.io/a/b`
 */
export async function registryError(doing: string, response: HttpResponse): Promise<TspodError> {
  const said = wordsOf(await readText(response));
  return new TspodError(codeFor(response.status), `${doing}: ${said ?? fallback(response.status)}`);
}

function wordsOf(text: string): string | null {
  const first = firstError(text);
  if (!first) return null;
  const code = printable(first.code).toLowerCase().replaceAll('_', ' ').trim();
  const message = printable(first.message).trim();
  if (code === '') return message || null;
  return message === '' || message.toLowerCase() === code ? code : `${code}: ${message}`;
}

function firstError(text: string): { code: string; message: string } | null {
  try {
    const parsed = parseBoundedJson(text);
    const list = (parsed as { errors?: unknown }).errors;
    const first: unknown = Array.isArray(list) ? list[0] : parsed;
    const { code, message, details } = first as Record<string, unknown>;
    if (code === undefined && message === undefined && details === undefined) return null;
    return { code: String(code ?? ''), message: String(message ?? details ?? '') };
  } catch {
    return null;
  }
}

function fallback(status: number): string {
  if (status === 401) return 'unauthorized: authentication required';
  if (status === 403) return 'denied: requested access to the resource is denied';
  if (status === 429) return 'too many requests to registry';
  return `received unexpected HTTP status: ${status} ${reasons[status] ?? ''}`.trimEnd();
}

function codeFor(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'UNAUTHORIZED';
  return status === 404 ? 'NOT_FOUND' : 'REGISTRY';
}

/** The registry's words go to a terminal: no control characters, no pages of them. */
function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 500);
}

async function readText(response: HttpResponse): Promise<string> {
  try {
    return (await readBody(response.body, bodyLimit))?.toString('utf8') ?? '';
  } catch {
    return ''; // A body that breaks off says no more than none.
  }
}
