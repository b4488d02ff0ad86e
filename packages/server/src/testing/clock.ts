/** Time that stands still until a test moves it. */
export class ManualClock {
  #now: number;

  constructor(start = Date.UTC(2026, 10, 22, 12)) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
