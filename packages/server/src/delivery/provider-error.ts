/**
 * A service of somebody else's that we depend on could not do what was asked, or said what cannot be understood.
 * Surfaces answer 503 with `Retry-After`; it never reads as a wrong code and never counts as one (design rule 7).
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';

  /** The message is for the operator's log: it names the setting to look at, and never a secret or a number. */
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}
