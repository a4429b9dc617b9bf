/** The process that gets this process's signals. It may not be there yet: what comes before is delivered then. */
export class SignalTarget {
  #pid = 0;
  readonly #early: number[] = [];

  /** Its pid is known now. */
  is(pid: number): void {
    this.#pid = pid;
    for (const signal of this.#early.splice(0)) this.signal(signal);
  }

  signal(number: number): void {
    if (this.#pid <= 0) {
      this.#early.push(number);
      return;
    }
    try {
      process.kill(this.#pid, number);
    } catch {
      // It ended in the meantime.
    }
  }
}
