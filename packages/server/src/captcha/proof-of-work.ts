import { type Challenge, createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import { type Chance, MINUTE } from '../chance.ts';
import type { CaptchaAction, CaptchaProvider } from '../core/abuse/index.ts';
import { type InstanceKey, randomIndex } from '../crypto/index.ts';

export interface ProofOfWork extends CaptchaProvider {
  /** A puzzle to solve for one action. Costs this server one key derivation and no row. */
  challenge(action: CaptchaAction): Promise<Challenge>;
}

interface Dependencies extends Chance {
  key: Pick<InstanceKey, 'derive'>;
  /** PBKDF2 iterations of one guess. */
  iterations: number;
}

const ALGORITHM = 'PBKDF2/SHA-256';
/** Slow phones and people who are called away; not long enough to hoard solutions. */
const LIFE_MS = 10 * MINUTE;

const hex = z.string().regex(/^[0-9a-f]{2,128}$/);

/** What ALTCHA's widget sends, as base64 of JSON. Strict: a key that we never signed is not ours. */
const payload = z.strictObject({
  challenge: z.strictObject({
    parameters: z.strictObject({
      algorithm: z.literal(ALGORITHM),
      cost: z.int(),
      data: z.strictObject({ action: z.string(), expiresAt: z.int() }),
      keyLength: z.int(),
      keyPrefix: hex,
      keySignature: hex,
      nonce: hex,
      salt: hex,
    }),
    signature: hex,
  }),
  solution: z.object({ counter: z.int(), derivedKey: hex }),
});

/**
 * ALTCHA, version 2 of its protocol: guess which of 4,096 numbers gives a key that begins as the challenge says.
 * Challenges are signed, so that any node can judge what any other has set and none remembers them.
 */
export function createProofOfWork({ clock, random, key, iterations }: Dependencies): ProofOfWork {
  const secrets = {
    hmacSignatureSecret: key.derive('captcha challenge').toString('base64url'),
    // Without it only the signed prefix of the key would be compared.
    hmacKeySignatureSecret: key.derive('captcha solution').toString('base64url'),
  };

  return {
    name: 'pow',
    // Clients of a frozen contract cannot solve it; a browser on our own pages can, and one on an app's.
    surfaces: new Set(['pages', 'flux']),
    challenge: (action) =>
      createChallenge({
        ...secrets,
        algorithm: ALGORITHM,
        deriveKey,
        cost: iterations,
        // Every number as likely as any other, or who knows which are likelier guesses less.
        counter: randomIndex(random, 16) * 256 + randomIndex(random, 256),
        // Not ALTCHA's own `expiresAt`: its widget holds that against the visitor's clock, which may be wrong.
        data: { action, expiresAt: clock() + LIFE_MS },
      }),
    async judge({ token, action }) {
      const read = payload.safeParse(parsed(token));
      if (!read.success) return null;
      const { challenge, solution } = read.data;
      const { data } = challenge.parameters;
      if (data.action !== action || data.expiresAt <= clock()) return null;
      const { verified } = await verifySolution({ ...secrets, challenge, solution, deriveKey });
      return verified ? { id: challenge.signature, expiresAt: data.expiresAt } : null;
    },
  };
}

function parsed(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
  } catch {
    return null;
  }
}
