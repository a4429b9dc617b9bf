/** One step of an image's history: the fields that tables and templates may name. */
import { humanDuration, humanSize } from '../cli/units.ts';
import type { HistoryStep } from '../image/history.ts';

export class HistoryRow {
  readonly #step: HistoryStep;
  readonly #human: boolean;
  readonly #trunc: boolean;

  constructor(step: HistoryStep, { human, trunc }: { human: boolean; trunc: boolean }) {
    this.#step = step;
    this.#human = human;
    this.#trunc = trunc;
  }

  get ID() {
    const { id } = this.#step;
    return this.#trunc && id.length >= 12 ? id.slice(0, 12) : id;
  }
  get Created() {
    const { created } = this.#step;
    if (!this.#human) return seconds(created);
    return `${humanDuration(Date.now() - Date.parse(created || '0001-01-01T00:00:00Z'))} ago`;
  }
  get CreatedSince() {
    return this.Created;
  }
  get CreatedAt() {
    return seconds(this.#step.created);
  }
  get CreatedBy() {
    const { createdBy } = this.#step;
    return this.#trunc && createdBy.length > 45 ? `${createdBy.slice(0, 42)}...` : createdBy;
  }
  get Size() {
    return humanSize(this.#step.size, 3);
  }
  get Comment() {
    return this.#step.comment;
  }
  get Tags() {
    return this.#step.tags;
  }
}

function seconds(time: string): string {
  return time.replace(/\.\d+/, '');
}
