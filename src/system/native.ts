/**
 * The typed face of native/addon: the only file that loads a `.node`.
 *
 * The addon returns a value or -errno and nothing more; `check` here turns -errno into the error that node:fs would
 * throw (`code`, `errno`, `syscall`, `path`).
 */
export {};
