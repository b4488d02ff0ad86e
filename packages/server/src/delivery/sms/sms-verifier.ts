export type SmsStarted =
  | {
      outcome: 'started';
      /** What the provider calls this code; it is checked under that name alone. */
      reference: string;
    }
  /** `number`: no SMS goes there. `limit`: the provider has sent this number enough for now. */
  | { outcome: 'refused'; reason: 'number' | 'limit' };

/** `gone`: used, too old, guessed at too often, or never there; providers do not tell which. */
export type SmsChecked = 'right' | 'wrong' | 'gone';

/**
 * Sends a six-digit code that lives ten minutes, and checks it. Providers make the code themselves, so that one
 * without a mailbox of ours never learns what it stands for. Throws `ProviderError` when the provider is in trouble.
 */
export interface SmsVerifier {
  start(message: {
    /** E.164. */
    to: string;
    /** A live code for the same number that somebody else asked for: it ends here, and the new one differs from it. */
    replaces: string | null;
  }): Promise<SmsStarted>;
  /** Spends a right code at the provider; a second check of it finds it gone. */
  check(given: { to: string; reference: string; code: string }): Promise<SmsChecked>;
}

/** Contract appendix A. */
export const SMS_CODE_MS = 10 * 60_000;
