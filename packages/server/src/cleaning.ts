import { type Clock, SECOND } from './chance.ts';
import { type Counters, deleteExpiredCounters, deleteExpiredSolutions } from './core/abuse/index.ts';
import { deleteOldEmailChanges } from './core/contact-change/index.ts';
import type { Departures } from './core/departure/index.ts';
import { deleteExpiredEvents } from './core/events/index.ts';
import type { Handoffs } from './core/handoff/index.ts';
import { deleteExpiredLinkTokens } from './core/link-token/index.ts';
import { deleteExpiredMagicLinks } from './core/magic-link/index.ts';
import { deleteOldCodes } from './core/mailed-code/index.ts';
import { deleteOldPasswordChanges } from './core/password-change/index.ts';
import { deleteExpiredPhoneCodes } from './core/phone/index.ts';
import { deleteExpiredKeys, LONGEST_SESSION_SECONDS } from './core/project/index.ts';
import { deleteExpiredReturnCodes } from './core/return-code/index.ts';
import { deleteExpiredSessions } from './core/session/index.ts';
import { deleteExpiredChallenges } from './core/session-factor/index.ts';
import { deleteExpiredTickets } from './core/sign-in/index.ts';
import { deleteEndedSigningKeys, type SigningKeys } from './core/signing-key/index.ts';
import { deleteExpiredSocialAttempts } from './core/social/index.ts';
import { deleteExpiredSsoAttempts } from './core/sso/index.ts';
import { deleteExpiredStepUps } from './core/step-up/index.ts';
import { deleteGivenUp } from './delivery/index.ts';
import { deleteExpiredSmsCodes } from './delivery/sms/index.ts';
import { deleteExpiredPasskeyChallenges } from './methods/passkey/index.ts';
import { type Storage, withLease } from './storage/index.ts';

interface Dependencies {
  storage: Storage;
  clock: Clock;
  counters: Counters;
  handoffs: Handoffs;
  departures: Departures;
  signingKeys: SigningKeys;
  /** The longest idle life of any session but Flux's, whose life each project sets for itself. */
  sessionsIdleMs: number;
}

/** One node cleans at a time; another may step in for one that died. */
const CLEANING_MS = 60_000;

/** Keeps tables small; what is expired was already refused before it was deleted. */
export function createCleaning(deps: Dependencies): () => Promise<void> {
  const { storage, clock, counters, handoffs, departures } = deps;
  return async () => {
    await counters.settle();
    const now = clock();
    const lease = { name: 'cleaning', holder: storage.nodeName, milliseconds: CLEANING_MS, now: clock };
    await withLease(storage.db, lease, async () => {
      await deleteExpiredCounters(storage.db, now);
      await deleteExpiredSolutions(storage.db, now);
      await deleteExpiredLinkTokens(storage.db, now);
      await deleteExpiredMagicLinks(storage.db, now);
      await deleteExpiredPasskeyChallenges(storage.db, now);
      await deleteExpiredPhoneCodes(storage.db, now);
      await deleteExpiredSmsCodes(storage.db, now);
      await handoffs.clean();
      await deleteExpiredTickets(storage.db, now);
      await deleteExpiredSsoAttempts(storage.db, now);
      await deleteExpiredSocialAttempts(storage.db, now);
      await deleteExpiredReturnCodes(storage.db, now);
      await deleteExpiredChallenges(storage.db, now);
      await deleteExpiredStepUps(storage.db, now);
      await deleteExpiredKeys(storage.db, now);
      await deleteExpiredSessions(storage.db, {
        flux: now - LONGEST_SESSION_SECONDS * SECOND,
        others: now - deps.sessionsIdleMs,
      });
      await deleteEndedSigningKeys(storage.db, now);
      await deleteGivenUp(storage.db, now);
      await deleteOldCodes(storage.db, now);
      await deleteOldEmailChanges(storage.db, now);
      await deleteOldPasswordChanges(storage.db, now);
      await deleteExpiredEvents(storage.db, now);
      await departures.carryOut();
    });
    await deps.signingKeys.rotateIfDue();
  };
}
