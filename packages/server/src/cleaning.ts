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

/** All of them, also where one fails; throws all that they threw. */
async function eachOf(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be cleaned up.');
}

/** Keeps tables small; what is expired was already refused before it was deleted. */
export function createCleaning(deps: Dependencies): () => Promise<void> {
  const { storage, clock, counters, handoffs, departures } = deps;
  return async () => {
    await counters.settle();
    const now = clock();
    const lease = { name: 'cleaning', holder: storage.nodeName, milliseconds: CLEANING_MS, now: clock };
    const { db } = storage;
    const steps: readonly (() => Promise<void>)[] = [
      () => deleteExpiredCounters(db, now),
      () => deleteExpiredSolutions(db, now),
      () => deleteExpiredLinkTokens(db, now),
      () => deleteExpiredMagicLinks(db, now),
      () => deleteExpiredPasskeyChallenges(db, now),
      () => deleteExpiredPhoneCodes(db, now),
      () => deleteExpiredSmsCodes(db, now),
      () => handoffs.clean(),
      () => deleteExpiredTickets(db, now),
      () => deleteExpiredSsoAttempts(db, now),
      () => deleteExpiredSocialAttempts(db, now),
      () => deleteExpiredReturnCodes(db, now),
      () => deleteExpiredChallenges(db, now),
      () => deleteExpiredStepUps(db, now),
      () => deleteExpiredKeys(db, now),
      () =>
        deleteExpiredSessions(db, {
          flux: now - LONGEST_SESSION_SECONDS * SECOND,
          others: now - deps.sessionsIdleMs,
        }),
      () => deleteEndedSigningKeys(db, now),
      () => deleteGivenUp(db, now),
      () => deleteOldCodes(db, now),
      () => deleteOldEmailChanges(db, now),
      () => deleteOldPasswordChanges(db, now),
      () => deleteExpiredEvents(db, now),
      () => departures.carryOut(),
    ];
    await eachOf([() => withLease(db, lease, () => eachOf(steps)), () => deps.signingKeys.rotateIfDue()]);
  };
}
