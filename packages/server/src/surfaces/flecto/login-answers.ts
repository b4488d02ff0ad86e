import { AuthError } from '../../core/errors.ts';
import type { MethodId, SignInResult } from '../../core/sign-in/index.ts';
import { answers, FlectoError } from './errors.ts';
import { type LoginAnswer, type Person, presentLogin } from './present.ts';
import type { FlectoDependencies } from './surface.ts';
import type { AuthType, FlectoTokens } from './tokens.ts';

/** Who signed in, and how, for the texts that are handed out. */
interface SignedIn {
  session: { id: string; token: string };
  user: Person;
  authType: AuthType;
  /** Names of roles that a provider gave. */
  roles?: readonly string[] | undefined;
}

export interface LoginAnswers {
  /**
   * What any first or second factor has come to, as this wire tells it. Throws `FlectoError` for everything that is
   * still owed (contract A3; 403 with a code).
   */
  answer(result: SignInResult): Promise<LoginAnswer>;
  /** Both tokens of a session and whose they are. Reads nothing, so that what was spent for them is never lost by it. */
  hand(signedIn: SignedIn): LoginAnswer;
}

type Dependencies = Pick<FlectoDependencies, 'projectId' | 'publicUrl' | 'users' | 'usernameOf'>;

/** What a script can send; a passkey is signed by a browser. */
const BY_CODE: ReadonlySet<MethodId> = new Set(['totp', 'sms-code', 'recovery-code']);

/** What is left where none of the account's factors can be shown here. */
const BY_RECOVERY_CODE = 'post a recovery code to /auth/login/mfa, or use an API token';
const HINTS = {
  byCode: 'A second factor is required: post ticket, method and code to /auth/login/mfa',
  passkey: `The account's second factor is a passkey, which only a browser can show: ${BY_RECOVERY_CODE}`,
  smsOff: `The account's second factor is a code by SMS, and this server sends none now: ${BY_RECOVERY_CODE}`,
};

export function createLoginAnswers(deps: Dependencies, tokens: FlectoTokens): LoginAnswers {
  const { projectId, publicUrl, users, usernameOf } = deps;

  function hand({ session, user, authType, roles = [] }: SignedIn): LoginAnswer {
    return presentLogin(user, tokens.issue({ session, user, authType, roles }));
  }

  return {
    hand,
    async answer(result) {
      switch (result.state) {
        case 'signed-in': {
          const { session, user } = result;
          const { globalName } = user.profile;
          const number = await users.numberOf({ projectId, id: user.id });
          const username = await usernameOf(user.id);
          const roles = session.upstreamRoles ?? [];
          // Contract A4. A second factor changes nothing about who vouched for the first.
          const authType = session.upstreamRoles === null ? 'basic' : 'openid';
          return hand({ session, user: { number, username, globalName }, authType, roles });
        }
        case 'needs-proof': {
          const { ticket, expiresAt, user } = result;
          const byCode = result.methods.filter((method) => BY_CODE.has(method));
          const other = user.factors.includes('passkey') ? HINTS.passkey : HINTS.smsOff;
          const hint = byCode.length > 0 ? HINTS.byCode : other;
          const methods: MethodId[] = [...byCode, 'recovery-code'];
          throw new FlectoError(answers.mfaRequired({ ticket, expiresAt, methods, hint }));
        }
        case 'needs-enrolment':
          throw new FlectoError(answers.enrolmentRequired(`${publicUrl}/login`));
        case 'needs-approval':
          throw new FlectoError(answers.approvalRequired);
      }
    },
  };
}

/** The methods of a second step that this wire carries; anything else is no method of the account. */
export function methodByCode(name: string): MethodId {
  for (const method of BY_CODE) if (method === name) return method;
  throw new AuthError('factor-not-enrolled', { method: name });
}
