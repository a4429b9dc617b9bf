/** Lines of a k8s-file log: `TIMESTAMP STREAM F|P PAYLOAD`. Works on bytes: a log can be huge. */

export type LogStream = 'stdout' | 'stderr';

const space = 0x20;
const letterP = 0x50;
const letterF = 0x46;
const letterE = 0x65;
const streamLength = 6;

/** Where the parts of a line are. */
export interface LogLine {
  /** The timestamp is [start, timeEnd). */
  timeEnd: number;
  stream: LogStream;
  /** The line goes on in the next record of the stream. */
  partial: boolean;
  /** The payload is [payload, end of the line). */
  payload: number;
}

/** Parses the line at [start, end), without its newline; null when it is no record. Writes into `line`. */
export function parseLine(bytes: Buffer, start: number, end: number, line: LogLine): LogLine | null {
  // The monitor's own timestamps have 35 characters.
  const timeEnd = bytes[start + 35] === space ? start + 35 : bytes.indexOf(space, start);
  const flag = timeEnd + 1 + streamLength + 1;
  if (timeEnd < start || flag >= end || bytes[flag - 1] !== space) return null;
  const letter = bytes[flag];
  if (letter !== letterP && letter !== letterF) return null;
  if (flag + 1 < end && bytes[flag + 1] !== space) return null;
  line.timeEnd = timeEnd;
  line.stream = bytes[timeEnd + 4] === letterE ? 'stderr' : 'stdout';
  line.partial = letter === letterP;
  line.payload = Math.min(flag + 2, end);
  return line;
}

/** "stdout" and "stderr" differ in their fourth letter: an empty record to parse into. */
export function emptyLine(): LogLine {
  return { timeEnd: 0, stream: 'stdout', partial: false, payload: 0 };
}
