import { DAY, MINUTE } from '../../chance.ts';
import type { Allowance } from '../abuse/index.ts';
import { normalEmail } from '../contact/index.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../session/index.ts';
import type { MethodId } from './method.ts';

/** Tries of one sign-in: those that always count, and those of which only a refused one does. */
interface SignInAllowances {
  /** `from` is empty, or names the owner's own place, which counts apart. */
  allowances(from: string): Allowance[];
  failures: Allowance[];
}

/** Fluxer's contract 7.3: every attempt counts, good ones too. */
const BY_EMAIL = { name: 'login-email', limit: 5, windowMs: 15 * MINUTE } as const;
const BY_ADDRESS = { name: 'login-address', limit: 10, windowMs: 30 * MINUTE } as const;
/**
 * Flecto's contract A2: a fleet of scripts behind one address signs in as often as it likes, but whoever guesses there
 * has 300 tries in half an hour, over all accounts. Of one account the account's own failures hold as everywhere.
 */
const FLEET_BY_ADDRESS = { name: 'flecto-login-address', limit: 300, windowMs: 30 * MINUTE } as const;

/** An app's users may come through the app's own server; of one project, so that none uses up another's. */
const APP_BY_ADDRESS = { name: 'flux-login-address', limit: 300, windowMs: 30 * MINUTE } as const;

type Rule = (asked: { projectId: string; identifier: string; origin: Origin }) => SignInAllowances;

function byApp(projectId: string, { source }: Origin): Allowance {
  return { ...APP_BY_ADDRESS, key: `${projectId} ${source}` };
}

function people({ identifier, origin }: Parameters<Rule>[0]): SignInAllowances {
  return {
    allowances: (from) => [
      { ...BY_EMAIL, key: normalEmail(identifier) + from },
      { ...BY_ADDRESS, key: origin.source },
    ],
    failures: [],
  };
}

/** Who is at the other end of each wire: people at a keyboard, or machines. */
const RULES: Record<Surface, Rule> = {
  fluxer: people,
  pages: people,
  flecto: ({ origin }) => ({
    allowances: () => [],
    failures: [{ ...FLEET_BY_ADDRESS, key: origin.source }],
  }),
  flux: ({ projectId, identifier, origin }) => ({
    allowances: (from) => [{ ...BY_EMAIL, key: `${projectId} ${normalEmail(identifier)}${from}` }],
    failures: [byApp(projectId, origin)],
  }),
};

/** Besides the account's own failures; nothing for a proof that names nobody. */
export function signInAllowances(asked: {
  projectId: string;
  surface: Surface;
  identifier: string | null;
  method: MethodId;
  origin: Origin;
}): SignInAllowances {
  const { projectId, surface, identifier, method, origin } = asked;
  if (identifier !== null) return RULES[surface]({ projectId, identifier, origin });
  // It names nobody, and its code can be guessed all the same.
  const failures = method === 'magic-link' ? [byApp(projectId, origin)] : [];
  return { allowances: () => [], failures };
}

/** Contract 1.4 and 7.3: wrong second proofs of one ticket, and of one account over all its tickets (B04, B05). */
export const TICKET_ATTEMPTS = 5;
const SECOND_PROOFS = [
  { name: 'second-proof', limit: 10, windowMs: 15 * MINUTE, always: true },
  // A day's own budget, which winning the mailbox does not renew.
  { name: 'second-proof-day', limit: 50, windowMs: DAY, always: true },
] as const;

export function secondProofsOf(key: string): Allowance[] {
  return SECOND_PROOFS.map((allowance) => ({ ...allowance, key }));
}
