import { type Chance, SECOND } from '../../chance.ts';
import { sameSecret, secretWithChecksum, tokenHash } from '../../crypto/index.ts';
import type { Queryable, Storage } from '../../storage/index.ts';
import { insertReturnCode, spendReturnCode } from './return-code-store.ts';

export interface ReturnCodes {
  /**
   * A code that stands for this session for 60 seconds; told only here. The caller has looked whether the browser may be
   * led to `redirectUrl`, and that `codeChallenge` is one.
   */
  issue(
    wanted: { projectId: string; sessionId: string; redirectUrl: string; codeChallenge: string },
    db?: Queryable,
  ): Promise<string>;
  /**
   * The session of a code, once. A wrong verifier spends it, too: whoever shows one has taken the code from the browser it
   * was given to. Null for every code and verifier that do not fit, and for another `redirectUrl`, where one is said.
   */
  redeem(shown: {
    projectId: string;
    code: string;
    codeVerifier: string;
    redirectUrl?: string | undefined;
  }): Promise<{ sessionId: string } | null>;
}

/** As long as a browser needs to be led back, on a slow line. */
const LIFE_MS = 60 * SECOND;
const PREFIX = 'flux_code_';
/** SHA-256 in base64url: RFC 7636, section 4.2. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

export function isCodeChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

export function createReturnCodes({ storage, clock, random }: Chance & { storage: Storage }): ReturnCodes {
  return {
    async issue(wanted, db = storage.db) {
      const code = secretWithChecksum(PREFIX, random);
      await insertReturnCode(db, { ...wanted, hash: tokenHash(code), expiresAt: clock() + LIFE_MS });
      return code;
    },
    async redeem({ projectId, code, codeVerifier, redirectUrl }) {
      const spent = await spendReturnCode(storage.db, { hash: tokenHash(code), projectId, now: clock() });
      // The hash that our tokens are kept as is S256, too.
      if (!spent || !sameSecret(tokenHash(codeVerifier), spent.codeChallenge)) return null;
      if (redirectUrl !== undefined && redirectUrl !== spent.redirectUrl) return null;
      return { sessionId: spent.sessionId };
    },
  };
}
