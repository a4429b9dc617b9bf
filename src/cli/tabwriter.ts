/**
 * Columns as Go's text/tabwriter aligns them with Podman's settings (minimal width 12, padding 2): a cell is text
 * that ends with a tab, a column is a block of neighbouring lines that have such a cell.
 */
const MIN_WIDTH = 12;
const PADDING = 2;

/** Aligns the tab-separated cells of all lines in `text`. */
export function alignColumns(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths = lines.map((cells) => new Array<number>(Math.max(0, cells.length - 1)).fill(0));
  setWidths(lines, widths, 0, 0, lines.length);
  return lines
    .map((cells, row) => cells.map((cell, column) => padCell(cell, widths[row]?.[column])).join(''))
    .join('\n');
}

function setWidths(lines: string[][], widths: number[][], column: number, from: number, to: number): void {
  let line = from;
  while (line < to) {
    if (!hasColumn(lines, line, column)) {
      line++;
      continue;
    }
    let end = line;
    let width = MIN_WIDTH;
    for (; end < to && hasColumn(lines, end, column); end++) {
      width = Math.max(width, cellWidth(lines[end]?.[column] ?? '') + PADDING);
    }
    for (let row = line; row < end; row++) (widths[row] ?? [])[column] = width;
    setWidths(lines, widths, column + 1, line, end);
    line = end;
  }
}

function hasColumn(lines: string[][], line: number, column: number): boolean {
  return column < (lines[line]?.length ?? 0) - 1;
}

/** In characters, as Go counts: a wide character is one. */
function cellWidth(cell: string): number {
  // Going through the characters of thousands of cells costs more than all the rest of a listing.
  if (!/[\ud800-\udfff]/.test(cell)) return cell.length;
  let count = 0;
  for (const _ of cell) count++;
  return count;
}

function padCell(cell: string, width: number | undefined): string {
  return width === undefined ? cell : cell.padEnd(width + cell.length - cellWidth(cell));
}
