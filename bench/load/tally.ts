import type { Reply } from './connection.ts';

/** What answers came back. */
export class Tally {
  good = 0;
  readonly refused = new Map<number, number>();
  readonly bodyBytes = new Set<number>();

  count({ status, bodyBytes }: Reply): void {
    if (status === 200) {
      this.good++;
      this.bodyBytes.add(bodyBytes);
    } else {
      this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
    }
  }

  /** A refusal is far cheaper than an answer: a run with one in it has measured something else. */
  assertAllGood(what: string): void {
    if (this.refused.size === 0) return;
    const seen = [...this.refused].map(([status, times]) => `${times} × ${status}`).join(', ');
    throw new Error(`${what}: ${this.good} × 200, but also ${seen}. The run is void.`);
  }
}
