import { AuthError } from '../../core/errors.ts';
import type { Project } from '../../core/project/index.ts';
import type { LiveSession, Sessions } from '../../core/session/index.ts';
import type { SignInResult } from '../../core/sign-in/index.ts';
import { answers, FluxError } from './errors.ts';
import { owesFactor, presentSession, presentUser } from './present.ts';
import type { SessionRules } from './rules.ts';
import type { Claims, FluxTokens } from './tokens.ts';

export interface SessionAnswers {
  /** The live session of a token, and what the token says. Throws `FluxError` for every other text. */
  live(token: string, project: Project): Promise<{ session: LiveSession; claims: Claims }>;
  /**
   * The session that a request acts for; as `live`, and `mfa_required` where it must not act before a factor is shown,
   * `forbidden` where it must not from the place it was made at.
   */
  acting(token: string, project: Project, rules: SessionRules): Promise<LiveSession>;
  /** Throws `FluxError` (`mfa_required`) while the session owes a factor. */
  requireNothingOwed(session: LiveSession, project: Project): void;
  /** The user, the session, and a token of it. Throws `FluxError` (`forbidden`) for an account under suspicion. */
  hand(session: LiveSession, project: Project, token?: string): Promise<Handed>;
  /** The same of a session as it is now, after something has changed in it. */
  handAnew(session: Pick<LiveSession, 'id'>, project: Project): Promise<Handed>;
  /** What signing in has come to. */
  signedIn(result: SignInResult, project: Project): Promise<Handed>;
  present(session: LiveSession, project: Project): Promise<ReturnType<typeof presentSession>>;
}

interface Handed {
  user: ReturnType<typeof presentUser>;
  session: ReturnType<typeof presentSession>;
  token: string;
}

export function createSessionAnswers({
  sessions,
  isFromStrangePlace,
  tokens,
  clock,
  requireSecondFactor,
}: {
  sessions: Sessions;
  isFromStrangePlace(session: LiveSession): Promise<boolean>;
  tokens: FluxTokens;
  clock: () => number;
  requireSecondFactor: boolean;
}): SessionAnswers {
  async function present(session: LiveSession, project: Project) {
    const endsAt = await sessions.endsAt(session);
    return presentSession(session, { project, now: clock(), endsAt, requireSecondFactor });
  }

  async function hand(session: LiveSession, project: Project, token?: string): Promise<Handed> {
    // An app's server may take the answer to a sign-in for a verified session: what is refused there is not handed out.
    requireUnsuspected(session);
    return {
      user: presentUser(session),
      session: await present(session, project),
      token: token ?? (await tokens.issue(session, project)),
    };
  }

  async function live(token: string, project: Project) {
    const said = await tokens.read(token, project);
    if (!said) throw new FluxError(answers.invalidSession);
    if (said.isExpired) throw new FluxError(answers.sessionExpired);
    const { claims } = said;
    const session = await sessions.findById(claims.sid, 'flux');
    if (!session)
      throw new FluxError(
        (await sessions.hasRunOut(claims.sid)) ? answers.sessionExpired : answers.sessionRevoked,
      );
    if (session.projectId !== project.id || session.userId !== claims.sub)
      throw new FluxError(answers.invalidSession);
    requireUnsuspected(session);
    return { session, claims };
  }

  function requireUnsuspected({ suspicion }: LiveSession): void {
    if (suspicion !== 0) throw new FluxError(answers.suspected);
  }

  async function handAnew({ id }: Pick<LiveSession, 'id'>, project: Project): Promise<Handed> {
    const session = await sessions.findById(id, 'flux');
    if (!session) throw new FluxError(answers.sessionRevoked);
    return await hand(session, project);
  }

  function requireNothingOwed(session: LiveSession, project: Project): void {
    if (owesFactor(session, { project, requireSecondFactor })) throw new FluxError(answers.mfaRequired);
  }

  return {
    live,
    async acting(token, project, { owed, setsUp }) {
      const { session } = await live(token, project);
      const isAllowed = owed === 'may' || (owed === 'may-set-up-first' && session.factors.length === 0);
      if (!isAllowed) requireNothingOwed(session, project);
      // Where there is a factor it is shown, or nothing is set up.
      if (setsUp && session.factors.length === 0 && (await isFromStrangePlace(session)))
        throw new FluxError(answers.strangePlace);
      return session;
    },
    requireNothingOwed,
    present,
    hand,
    handAnew,
    async signedIn(result, project) {
      // Core withholds nothing from this wire: what is owed stands in the session (design section 4).
      if (result.state !== 'signed-in') throw new AuthError('not-allowed');
      return await handAnew(result.session, project);
    },
  };
}
