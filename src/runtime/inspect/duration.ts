import { goDuration } from '../go-duration.ts';

/** Nanoseconds: a number in JSON, `1m30s` in a template, as Go's time.Duration. */
export class Duration extends Number {
  override toString(): string {
    return goDuration(this.valueOf());
  }
}
