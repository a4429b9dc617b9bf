/** The media type of a file that becomes a blob: by its name, else by its first bytes. */

const byExtension: Record<string, string> = {
  '.avif': 'image/avif',
  '.bin': 'application/octet-stream',
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.mjs': 'text/javascript',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.xml': 'text/xml',
  '.zip': 'application/zip',
};

const magics: [hex: string, type: string][] = [
  ['1f8b08', 'application/x-gzip'],
  ['25504446', 'application/pdf'],
  ['89504e470d0a1a0a', 'image/png'],
  ['474946383', 'image/gif'],
  ['ffd8ff', 'image/jpeg'],
  ['504b0304', 'application/zip'],
  ['0061736d', 'application/wasm'],
];

/** @param head up to 512 bytes. Never has parameters such as a charset. */
export function mediaTypeOf(name: string, head: Buffer): string {
  const dot = name.lastIndexOf('.');
  const known = dot < 0 ? undefined : byExtension[name.slice(dot).toLowerCase()];
  return known ?? detectType(head);
}

/** Like Go's http.DetectContentType, for the kinds that matter. */
export function detectType(head: Buffer): string {
  const hex = head.subarray(0, 8).toString('hex');
  const magic = magics.find(([start]) => hex.startsWith(start));
  if (magic) return magic[1];
  const start = head.toString('latin1').trimStart().toLowerCase();
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) return 'text/html';
  if (start.startsWith('<?xml')) return 'text/xml';
  const isBinary = head.some((byte) => byte < 9 || byte === 11 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32));
  return isBinary ? 'application/octet-stream' : 'text/plain';
}
