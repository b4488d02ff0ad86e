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

/** Time that passes, and that a test moves besides: for worlds that must agree with a real server of other people's. */
export class PassingClock extends ManualClock {
  #ahead = 0;

  override readonly now = (): number => Date.now() + this.#ahead;

  override advance(milliseconds: number): void {
    this.#ahead += milliseconds;
  }
}
