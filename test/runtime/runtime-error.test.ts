import { expect, test } from 'vitest';
import { runtimeError, runtimeMessage } from '../../src/runtime/runtime-error.ts';

const time = 'time="2026-11-21T03:16:50Z"';
const prefix = 'unable to start container process: exec';

// What crun 1.8 and 1.28 and runc 1.1 really print.
const sentences: [output: string, code: string, message: string][] = [
  [
    'executable file `nosuch` not found in $PATH: No such file or directory\n',
    'COMMAND_NOT_FOUND',
    'crun: executable file `nosuch` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
  ],
  [
    'open executable: Permission denied\n',
    'COMMAND_NOT_EXECUTABLE',
    'crun: open executable: Permission denied: OCI permission denied',
  ],
  [
    'open executable: Operation not permitted\n',
    'COMMAND_NOT_EXECUTABLE',
    'crun: open executable: Operation not permitted: OCI permission denied',
  ],
  [
    'setrlimit `RLIMIT_NOFILE`: Operation not permitted\n',
    'COMMAND_NOT_EXECUTABLE',
    'crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted: OCI permission denied',
  ],
  [
    'write to `/sys/fs/cgroup/x`: Invalid argument\n',
    'RUNTIME_FAILED',
    'crun: write to `/sys/fs/cgroup/x`: Invalid argument: OCI runtime error',
  ],
  [
    `${time} level=error msg="runc create failed: ${prefix}: \\"nosuch\\": executable file not found in $PATH"\n`,
    'COMMAND_NOT_FOUND',
    `crun: runc create failed: ${prefix}: "nosuch": executable file not found in $PATH: OCI runtime attempted to invoke a command that was not found`,
  ],
  [
    `${time} level=warning msg="unable to get oom kill count"\n${time} level=error msg="runc create failed: ${prefix}: \\"/etc\\": permission denied"\n`,
    'COMMAND_NOT_EXECUTABLE',
    `crun: runc create failed: ${prefix}: "/etc": permission denied: OCI permission denied`,
  ],
  ['', 'RUNTIME_FAILED', 'crun: it ended without a message: OCI runtime error'],
];

for (const [output, code, message] of sentences) {
  test(`${JSON.stringify(output.slice(0, 60))} is ${code}`, () => {
    const error = runtimeError('/usr/bin/crun', output);
    expect({ code: error.code, message: error.message }).toEqual({ code, message });
  });
}

test('a message stays on one line', () => {
  expect(runtimeError('crun', 'one\ntwo\n').message).not.toContain('\n');
});

test('JSON logs are read too, and the last error counts', () => {
  const lines = [
    { level: 'error', msg: 'first' },
    { level: 'error', msg: 'second' },
    { level: 'info', msg: 'third' },
  ];
  expect(runtimeMessage(lines.map((line) => JSON.stringify(line)).join('\n'))).toBe('second');
});
