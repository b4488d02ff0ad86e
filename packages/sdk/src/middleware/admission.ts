import { FluxError, isRefusedSession } from '../errors.ts';
import type { FluxSession, FluxUser } from '../user.ts';

/** The part of a `Flux` that middleware needs. */
export interface SessionVerifier {
  auth: { verifySession(token: string, options?: { renew?: boolean }): Promise<FluxUser> };
}

export interface MiddlewareOptions {
  /** Whether a request without a session is answered by 401 (default), or goes on with `user` null. */
  required?: boolean;
  /** The cookie that may carry the token beside `Authorization: Bearer`; false for none. Default `flux_session`. */
  cookie?: string | false;
  /** Whether the cookie is for https (and localhost) only. Default true. */
  secureCookie?: boolean;
  /** `false`: answers come from what is kept where that is fresh, and no renewed token is handed out. */
  renew?: boolean;
  /**
   * `refuse`: a session that owes a second factor is answered by 403 `mfa_required`, but on the routes where the app lets
   * it be shown: leave the middleware, or this option, out there. Default `mark`: see `session.mfaRequired`.
   */
  owedMfa?: 'mark' | 'refuse';
}

export interface Signed {
  user: FluxUser;
  session: FluxSession;
}

/** What a framework's part has to do with a request. */
export type Admission =
  | { goesOn: true; signed: Signed | null; headers: [name: string, value: string][] }
  | { goesOn: false; status: 401 | 403 | 503; headers: [name: string, value: string][]; body: RefusalBody };

/** The same shape as the server's refusals (docs/flux-wire.md). */
interface RefusalBody {
  error: { code: string; message: string; request_id: string | null };
}

export interface Arrival {
  authorization: string | null | undefined;
  cookie: string | null | undefined;
}

/** The header that carries a renewed token to a client that sent it in a header. */
const RENEWED = 'x-flux-session';
/** RFC 6265 section 4.1.1: what a cookie's name may be. */
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What the server says of a session that lives and may do nothing now; a project can have owed factors refused so. */
const FORBIDDING = new Set(['mfa_required', 'forbidden']);
const NO_STORE: [string, string] = ['cache-control', 'no-store'];

export function createAdmission(flux: SessionVerifier, options: MiddlewareOptions = {}) {
  const { required = true, cookie = 'flux_session', secureCookie = true, renew, owedMfa = 'mark' } = options;
  if (cookie !== false && !COOKIE_NAME.test(cookie))
    throw new TypeError('This cannot be the name of a cookie.');
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secureCookie ? '; Secure' : ''}`;

  const dropCookie = (): [string, string] => ['set-cookie', `${cookie}=; Max-Age=0; ${attributes}`];

  function refuse(error: FluxError, headers: [string, string][]): Admission {
    const { code, requestId, message } = error;
    const status = isRefusedSession(error) ? 401 : FORBIDDING.has(code) ? 403 : 503;
    const advice: Record<typeof status, [string, string][]> = {
      401: [['www-authenticate', 'Bearer']],
      403: [],
      503: [['retry-after', String(Math.ceil(error.retryAfterSeconds ?? 1))]],
    };
    // Of what is behind an outage, clients need no more than that it is one.
    const body = status === 503 ? { code: 'unavailable', message: 'Try again later.' } : { code, message };
    return {
      goesOn: false,
      status,
      headers: [...headers, NO_STORE, ...advice[status]],
      body: { error: { ...body, request_id: requestId } },
    };
  }

  const nobody = (headers: [string, string][]): Admission => ({ goesOn: true, signed: null, headers });

  /** Throws what is the app's own mistake, such as a wrong key, for its error handler. */
  return async function admit(arrival: Arrival): Promise<Admission> {
    const bearer = /^Bearer +(\S+) *$/i.exec(arrival.authorization ?? '')?.[1];
    const inCookie = bearer || cookie === false ? null : cookieNamed(cookie, arrival.cookie);
    const token = bearer ?? inCookie;
    if (!token) {
      const missing = new FluxError('invalid_session', 'This needs a signed-in user.', { status: 401 });
      return required ? refuse(missing, []) : nobody([]);
    }
    try {
      const user = await flux.auth.verifySession(token, renew === undefined ? {} : { renew });
      const renewed = user.sessionToken;
      const headers: [string, string][] = [];
      if (renewed !== token) {
        headers.push(NO_STORE);
        if (inCookie)
          headers.push(['set-cookie', `${cookie}=${renewed}; Max-Age=${lifeOf(renewed)}; ${attributes}`]);
        else headers.push([RENEWED, renewed]);
      }
      if (owedMfa === 'refuse' && user.session.mfaRequired) {
        const owed = new FluxError('mfa_required', 'A second factor is owed.', { status: 403 });
        return required ? refuse(owed, headers) : nobody(headers);
      }
      return { goesOn: true, signed: { user, session: user.session }, headers };
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      if (isRefusedSession(error)) {
        const headers = inCookie ? [dropCookie()] : [];
        return required ? refuse(error, headers) : nobody(headers);
      }
      // The session lives, so the cookie stays: the user shows the factor with it.
      if (FORBIDDING.has(error.code)) return required ? refuse(error, []) : nobody([]);
      if (
        ['unavailable', 'network_error', 'timeout', 'rate_limited', 'internal_error'].includes(error.code)
      ) {
        return refuse(error, []);
      }
      // Without the status: Fastify and Express would answer with it, and a wrong key of the app's is no 401 of its user's.
      throw new Error(`The session could not be verified. ${error.message}`, { cause: error });
    }
  };
}

function cookieNamed(name: string, header: string | null | undefined): string | null {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null;
  }
  return null;
}

/** Seconds; the token comes from the server, so that its own word is believed. */
function lifeOf(token: string): number {
  const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const { exp, iat } = JSON.parse(atob(body)) as { exp: number; iat: number };
  return Math.max(0, exp - iat);
}
