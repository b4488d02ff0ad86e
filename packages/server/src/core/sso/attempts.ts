import { type Chance, MINUTE } from '../../chance.ts';
import { type Sealer, tokenHash } from '../../crypto/index.ts';
import type { Database } from '../../storage/index.ts';
import { findAttempt, insertAttempt, type PresentedAttempt, spendAttempt } from './attempt-store.ts';
import type { AttemptSecrets } from './provider.ts';

export { deleteExpiredSsoAttempts } from './attempt-store.ts';

interface Belonging {
  projectId: string;
  /** An attempt is good at the provider it was begun for and nowhere else (G01). */
  issuer: string;
}

/** Sign-ins that are under way at a provider: begun here, answered at most once. */
export interface SsoAttempts {
  /** Secrets of an attempt that is not begun yet. */
  draw(): AttemptSecrets;
  begin(db: Database, at: Belonging & AttemptSecrets): Promise<void>;
  /** Whether a state is one that could be spent now; changes nothing. */
  isOpen(db: Database, at: Belonging & { state: string }): Promise<boolean>;
  /** Takes an attempt, committed at once: one answer is one try, however it is judged. Null when there is none to take. */
  spend(db: Database, at: Belonging & { state: string }): Promise<AttemptSecrets | null>;
}

/** 256 bits each. */
const BYTES = 32;
/** Flecto contract A10: as long as the browser keeps its half. */
const LIFE_MS = 5 * MINUTE;
const SEAL = 'sso-attempt';

export function createSsoAttempts({ clock, random, sealer }: Chance & { sealer: Sealer }): SsoAttempts {
  const secret = () => Buffer.from(random(BYTES)).toString('base64url');

  function presented({ projectId, issuer, state }: Belonging & { state: string }): PresentedAttempt {
    return { projectId, issuer, hash: tokenHash(state), now: clock() };
  }

  return {
    // A10: base64url with its padding, 44 characters.
    draw: () => ({ state: `${secret()}=`, nonce: secret(), codeVerifier: secret() }),
    async begin(db, { projectId, issuer, state, ...hidden }) {
      await insertAttempt(db, {
        projectId,
        issuer,
        hash: tokenHash(state),
        secrets: sealer.seal(SEAL, JSON.stringify(hidden)),
        expiresAt: clock() + LIFE_MS,
      });
    },
    async isOpen(db, at) {
      return (await findAttempt(db, presented(at))) !== null;
    },
    async spend(db, at) {
      const wanted = presented(at);
      const secrets = await findAttempt(db, wanted);
      if (secrets === null || !(await spendAttempt(db, wanted))) return null;
      const hidden = JSON.parse(sealer.open(SEAL, secrets)) as Omit<AttemptSecrets, 'state'>;
      return { state: at.state, ...hidden };
    },
  };
}
