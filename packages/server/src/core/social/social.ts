import type { Database } from '../../storage/index.ts';
import { type AuthErrorCode, isAuthError } from '../errors.ts';
import type { Origin } from '../origin.ts';
import { isElsewhere, type Project, type ProjectProviders, type ProviderId } from '../project/index.ts';
import type { ReturnCodes } from '../return-code/index.ts';
import type { Gate } from '../sign-in/index.ts';
import type { Back, PendingAttempt, SocialAttempts } from './attempts.ts';
import type { SocialProviders } from './provider.ts';

/** What an app is told when nobody was signed in; nothing of why a provider was not believed. */
export type ReturnError =
  | 'access-denied'
  | 'account-exists'
  | 'account-suspended'
  | 'method-disabled'
  | 'provider-unavailable'
  | 'sign-in-failed';

/** Signing in at a project's providers. Whether a browser may be led to an address is the caller's to look at, each time. */
export interface Social {
  /** Begins an attempt, which only this browser can end. */
  begin(wanted: {
    project: Project;
    provider: ProviderId;
    browser: string;
    redirectUrl: string;
    clientState: string | null;
    codeChallenge: string;
  }): Promise<{ url: string } | { error: ReturnError }>;
  /**
   * Where an attempt that could be ended now leads back to; null for every other, and for one whose provider was told of
   * another callback than that of `callbackOf`: a project's own, or that of all (null). Changes nothing.
   */
  find(back: Back & { callbackOf: string | null }): Promise<PendingAttempt | null>;
  /** Ends it with what the provider sent the browser back with, and signs in through the gate. */
  finish(
    ending: Back & {
      callbackOf: string | null;
      project: Project;
      attempt: PendingAttempt;
      /** The whole query, beginning with `?`. */
      query: string;
      origin: Origin;
    },
  ): Promise<{ code: string } | { error: ReturnError }>;
}

interface Dependencies {
  db: Database;
  gate: Gate;
  projectProviders: ProjectProviders;
  returnCodes: ReturnCodes;
  socialAttempts: SocialAttempts;
  socialProviders: SocialProviders;
}

/** Every other refusal is one word to the app. */
const TOLD: Partial<Record<AuthErrorCode, ReturnError>> = {
  'account-suspended': 'account-suspended',
  'email-taken': 'account-exists',
  'sso-disabled': 'method-disabled',
  'sso-unavailable': 'provider-unavailable',
};
/** RFC 6749, 4.1.2.1: what a provider says of itself in place of a code. */
const SAID: Record<string, ReturnError> = {
  access_denied: 'access-denied',
  server_error: 'provider-unavailable',
  temporarily_unavailable: 'provider-unavailable',
};

export function createSocial(deps: Dependencies): Social {
  const { db, gate, projectProviders, returnCodes, socialAttempts: attempts, socialProviders } = deps;

  /** Asked at both ends: one that is switched off meanwhile signs in nobody, and makes nobody (FX-04, G07). */
  async function isOn(project: Project, provider: ProviderId): Promise<boolean> {
    return (await projectProviders.methodsOf(project))[provider];
  }

  async function told<T>(doing: Promise<T>): Promise<T | { error: ReturnError }> {
    try {
      return await doing;
    } catch (error) {
      if (isAuthError(error)) return { error: TOLD[error.code] ?? 'sign-in-failed' };
      throw error;
    }
  }

  return {
    async begin({ project, provider, ...wanted }) {
      if (!(await isOn(project, provider))) return { error: 'method-disabled' };
      const at = { projectId: project.id, provider };
      const secrets = attempts.draw();
      // First, so that nothing is kept while the provider is away.
      const begun = await told(socialProviders.authorizationUrl(at, secrets).then((url) => ({ url })));
      if ('url' in begun) await attempts.begin(db, { ...wanted, ...at, ...secrets });
      return begun;
    },
    async find({ callbackOf, ...back }) {
      const attempt = await attempts.find(db, back);
      if (!attempt) return null;
      const { projectId } = attempt;
      const credentials = await projectProviders.find(projectId, back.provider);
      // Without any, nobody is asked: the end of it only says so.
      if (!credentials) return attempt;
      const told = isElsewhere(back.provider, credentials.options) ? projectId : null;
      return told === callbackOf ? attempt : null;
    },
    async finish({ project, attempt, query, origin, callbackOf, ...back }) {
      const { provider, state, browser } = back;
      const { id: projectId } = project;
      const said = new URLSearchParams(query).get('error');
      if (said !== null || !(await isOn(project, provider))) {
        // What is answered is over, whatever the answer.
        const wasOpen = await attempts.spend(db, { ...back, projectId });
        const error = said === null ? 'method-disabled' : (SAID[said] ?? 'sign-in-failed');
        return { error: wasOpen ? error : 'sign-in-failed' };
      }
      const signingIn = gate.signIn({
        projectId,
        surface: 'flux',
        method: provider,
        proof: { state, browser, query, callbackOf },
        identifier: null,
        origin,
      });
      const result = await told(signingIn);
      if ('error' in result) return result;
      // Core withholds nothing from this wire: what is owed stands in the session (design section 4).
      if (result.state !== 'signed-in') return { error: 'sign-in-failed' };
      const { redirectUrl, codeChallenge } = attempt;
      const { id: sessionId } = result.session;
      return { code: await returnCodes.issue({ projectId, sessionId, redirectUrl, codeChallenge }) };
    },
  };
}
