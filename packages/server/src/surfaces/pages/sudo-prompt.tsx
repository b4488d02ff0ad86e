import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthError, isAuthError } from '../../core/errors.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { MethodId, SecondFactor } from '../../core/sign-in/index.ts';
import {
  Alert,
  Field,
  fieldOf,
  type Given,
  givenIn,
  NO_PROBLEMS,
  type Problems,
  ProofForms,
  problemsFrom,
} from '../../pages-kit/index.ts';
import { securityStrings } from './security-strings.ts';
import type { PageTools } from './surface.ts';

const text = securityStrings.sudo;

/** Where the owner proves to be at the keyboard, for a page that may only be seen after that. */
export const CONFIRM = '/account/confirm';
/** Challenges for the passkeys of who is signed in. */
export const PASSKEY_CHALLENGE = '/account/passkey-options';

/** Sensitive acts ask for a proof in their own place, and go on at once when it is good (security D06). */
export interface SudoPrompt {
  /** Whether somebody has just proved to be the owner. */
  isElevated(session: LiveSession): boolean;
  /** The session with the new token that a proof in the form gives it. Throws `proof-required` or `wrong-proof`. */
  elevated(request: FastifyRequest, reply: FastifyReply, session: LiveSession): Promise<LiveSession>;
  /** The same; where there is no good proof it answers with the page that asks for one, and returns null. */
  pass(request: FastifyRequest, reply: FastifyReply, session: LiveSession): Promise<LiveSession | null>;
}

type Tools = Pick<PageTools, 'clock' | 'gate' | 'sessions' | 'cookie' | 'originOf' | 'show'>;

interface Asking {
  session: LiveSession;
  problems?: Problems;
  status?: number;
  isSmsSent?: boolean;
}

/** What proves, and what nobody sends back to a browser; all else that was typed is kept while the prompt is shown. */
const NOT_KEPT = new Set(['kept', 'method', 'code', 'smsCode', 'password', 'passkey', 'newPassword']);

export function createSudoPrompt({ clock, gate, sessions, cookie, originOf, show }: Tools): SudoPrompt {
  const isElevated = ({ elevatedUntil }: LiveSession) => elevatedUntil !== null && clock() < elevatedUntil;

  async function elevated(
    request: FastifyRequest,
    reply: FastifyReply,
    session: LiveSession,
  ): Promise<LiveSession> {
    if (isElevated(session)) return session;
    const methods = gate.provesAgain(session);
    const given = proofIn(request, methods);
    if (!given || 'problems' in given) throw new AuthError('proof-required', { methods });
    const { method, proof } = given;
    const { token } = await gate.elevate({ session, method, proof, origin: originOf(request) });
    cookie.write(reply, token);
    const raised = await sessions.find(token, 'pages');
    if (!raised) throw new AuthError('not-signed-in');
    return raised;
  }

  function ask(
    request: FastifyRequest,
    reply: FastifyReply,
    { session, problems = NO_PROBLEMS, status = 200, isSmsSent = false }: Asking,
  ): void {
    const isForm = request.method === 'POST';
    const prove = isForm ? (request.routeOptions.url ?? CONFIRM) : CONFIRM;
    const kept = isForm ? keptOf(request) : { next: request.url };
    const methods = gate.provesAgain(session);
    const props = { hidden: { kept: JSON.stringify(kept) }, prove, problems };
    const content = (
      <>
        <Alert text={problems.whole} />
        {methods.length === 0 ? (
          <p>
            {text.nothing} <a href="/account/password">{text.choosePassword}</a>
          </p>
        ) : (
          <p>{text.lead}</p>
        )}
        {methods.includes('password') && <PasswordForm {...props} />}
        {methods.includes('recovery-code') && (
          <ProofForms
            methods={methods.filter(isSecondFactor)}
            phoneHint={session.phone === null ? null : `••••${session.phone.slice(-4)}`}
            isSmsSent={isSmsSent}
            problems={problems}
            paths={{ prove, sendSms: prove, passkeyOptions: PASSKEY_CHALLENGE }}
            hidden={props.hidden}
          />
        )}
        <div class="below">
          <p>
            <a href="/account/security">{text.back}</a>
          </p>
        </div>
      </>
    );
    show(reply, { title: text.title, content, status, scripts: ['passkey'] });
  }

  return {
    isElevated,
    elevated,
    async pass(request, reply, session) {
      restoreKept(request);
      if (isElevated(session)) return session;
      const method = fieldOf(request, 'method');
      const given = proofIn(request, gate.provesAgain(session));
      try {
        if (method === 'sms-send') {
          await gate.challengeAgain({ session, method: 'sms-code', origin: originOf(request) });
          ask(request, reply, { session, isSmsSent: true });
          return null;
        }
        if (given && 'problems' in given) {
          ask(request, reply, { session, ...given, status: 400 });
          return null;
        }
        return await elevated(request, reply, session);
      } catch (error) {
        if (isAuthError(error, 'proof-required') && !given) ask(request, reply, { session });
        else {
          const refused = problemsFrom(error, given && 'field' in given ? given.field : undefined);
          ask(request, reply, { session, isSmsSent: method === 'sms', ...refused });
        }
        return null;
      }
    },
  };
}

function isSecondFactor(method: MethodId): method is SecondFactor {
  return method !== 'password' && method !== 'recovery-code';
}

/** Null where nobody has tried to prove anything. */
function proofIn(request: FastifyRequest, methods: readonly MethodId[]): Given | null {
  if (methods.includes('password')) {
    const password = fieldOf(request, 'password');
    return password === '' ? null : { method: 'password', proof: { password }, field: 'password' };
  }
  const method = fieldOf(request, 'method');
  return method === '' || method === 'sms-send' ? null : givenIn(request, methods);
}

function keptOf(request: FastifyRequest): Record<string, unknown> {
  const body = (request.body ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !NOT_KEPT.has(name)));
}

/** What was typed before the prompt came. */
function restoreKept(request: FastifyRequest): void {
  try {
    const kept: unknown = JSON.parse(fieldOf(request, 'kept'));
    if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return;
    const typed = Object.entries(kept).filter(([name]) => !NOT_KEPT.has(name));
    request.body = { ...(request.body as object), ...Object.fromEntries(typed) };
  } catch {
    // A form that comes for the first time has none.
  }
}

interface PasswordFormProps {
  prove: string;
  hidden: { kept: string };
  problems: Problems;
}

function PasswordForm({ prove, hidden, problems }: PasswordFormProps) {
  return (
    <form method="post" action={prove}>
      <input type="hidden" name="kept" value={hidden.kept} />
      <Field
        id="password"
        label={text.password}
        type="password"
        autocomplete="current-password"
        problem={problems.fields['password']}
        autofocus
      />
      <button type="submit">{text.submit}</button>
    </form>
  );
}
