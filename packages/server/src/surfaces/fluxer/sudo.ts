import type { FastifyReply, FastifyRequest } from 'fastify';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { z } from 'zod';
import type { Clock } from '../../chance.ts';
import { AuthError } from '../../core/errors.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { Gate, MethodId } from '../../core/sign-in/index.ts';
import { contextOf, identityOf } from './context.ts';
import type { proofRequest } from './schemas.ts';

/** Contract 2.3: what a body may carry besides its own fields. */
export type ProofFields = z.output<typeof proofRequest>;

/** Sudo mode (contract part 2): the owner has just shown to be at the keyboard. */
export interface Sudo {
  /**
   * Lets a sensitive request pass or throws `proof-required` or `wrong-proof`. Returns the proof in it that was
   * judged; null where it passes for another reason.
   */
  require(request: FastifyRequest, reply: FastifyReply, asked: Asked): Promise<GivenProof | null>;
  /** The same of whoever has a second factor; nobody is asked for a password (contract appendix D). */
  requireFactor(request: FastifyRequest, reply: FastifyReply, proof: ProofFields): Promise<GivenProof | null>;
  /** A proof for its own sake (seed 000): opens the window, or throws. */
  open(request: FastifyRequest, reply: FastifyReply, proof: ProofFields): Promise<void>;
  /**
   * After the session that asked was replaced: what the answer holds for the old one opens nothing any more. A factor
   * that was shown in this very request opens the window of the next one; a window that was open before ends here.
   */
  handOn(
    request: FastifyRequest,
    reply: FastifyReply,
    moved: { given: GivenProof | null; next: Pick<LiveSession, 'id' | 'userId'> },
  ): Promise<void>;
  /** Takes back the cookies, and what this answer holds; null: nobody knows whose they are. */
  forget(reply: FastifyReply, userId: string | null): void;
}

interface Asked {
  proof: ProofFields;
  /** Whether a right proof opens the window for the next requests. */
  grants: boolean;
  /** An open window is not enough where the password alone is the proof: a new password wants the old one (A07). */
  wantsPassword?: boolean;
}

interface Dependencies {
  gate: Gate;
  clock: Clock;
  /** HS256; at least 32 bytes. */
  secret: Uint8Array;
  lifeSeconds: number;
  cookies: { isHttps: boolean; domain: string | undefined };
}

const HEADER = 'x-fluxer-sudo-mode-jwt';
/** Seed 000's cookie, and the one that Fluxer's clients know. */
const COOKIE = 'fluxer_sudo_mode';
const cookieOf = (userId: string) => `__flx_sudo_${userId}`;
/** One spelling of a token only: the decoder alone would take many (security 0.3). */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

export function createSudo(deps: Dependencies): Sudo {
  const { gate, clock, secret, lifeSeconds, cookies } = deps;

  /** Contract 2.2; ours names the session too, because a proof belongs to one (D10). */
  async function issue(
    reply: FastifyReply,
    { id, userId }: Pick<LiveSession, 'id' | 'userId'>,
  ): Promise<void> {
    const seconds = Math.floor(clock() / 1000);
    const token = await new SignJWT({ type: 'sudo', sid: id })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(userId)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + lifeSeconds)
      .sign(secret);
    send(reply, userId, { token, leftSeconds: lifeSeconds });
  }

  const attributes = {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: cookies.isHttps,
    ...(cookies.domain && { domain: cookies.domain }),
  } as const;

  function send(reply: FastifyReply, userId: string, { token, leftSeconds }: GoodToken): void {
    void reply.header(HEADER, token);
    for (const name of [COOKIE, cookieOf(userId)])
      void reply.setCookie(name, token, { ...attributes, maxAge: leftSeconds });
  }

  function forget(reply: FastifyReply, userId: string | null): void {
    void reply.removeHeader(HEADER);
    for (const name of [COOKIE, ...(userId === null ? [] : [cookieOf(userId)])])
      void reply.setCookie(name, '', { ...attributes, maxAge: 0 });
  }

  /** A bad, old or foreign token is as good as none (contract 2.2). */
  async function read(token: string, session: LiveSession): Promise<GoodToken | null> {
    if (!COMPACT.test(token)) return null;
    const now = clock();
    try {
      const { payload } = await jwtVerify(token, secret, {
        algorithms: ['HS256'],
        typ: 'JWT',
        currentDate: new Date(now),
        subject: session.userId,
        requiredClaims: ['exp', 'iat'],
      });
      const { type, sid, exp = 0 } = payload;
      if (type !== 'sudo' || sid !== session.id) return null;
      return { token, leftSeconds: exp - Math.floor(now / 1000) };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  async function presented(request: FastifyRequest, session: LiveSession): Promise<GoodToken | null> {
    const header = request.headers[HEADER];
    const candidates = [
      Array.isArray(header) ? header[0] : header,
      request.cookies[cookieOf(session.userId)],
      request.cookies[COOKIE],
    ];
    for (const token of candidates) {
      const good = token ? await read(token, session) : null;
      if (good) return good;
    }
    return null;
  }

  async function prove(request: FastifyRequest, proof: ProofFields): Promise<GivenProof> {
    const { session } = identityOf(request);
    const { origin } = contextOf(request);
    const hasSecondFactor = session.factors.length > 0;
    const given = hasSecondFactor ? secondFactorIn(proof) : passwordIn(proof);
    if (given) {
      // A factor that the account has not shows nothing, and costs nothing (contract 2.4).
      if (hasSecondFactor && !gate.provesAgain(session).includes(given.method))
        throw new AuthError('wrong-proof', { method: given.method });
      await gate.proveAgain({ session, ...given, origin });
      return given;
    }
    throw new AuthError('proof-required', { methods: gate.provesAgain(session) });
  }

  const require: Sudo['require'] = async (request, reply, { proof, grants, wantsPassword = false }) => {
    const { session } = identityOf(request);
    const isOpen = session.factors.length > 0 || !wantsPassword;
    const good = isOpen ? await presented(request, session) : null;
    if (good !== null) {
      send(reply, session.userId, good);
      return null;
    }
    if (isUnclaimed(session)) return null;
    const given = await prove(request, proof);
    // A password alone is asked for each time; only seed 000's own route makes more of it (contract 2.4, 2.7).
    if (grants && session.factors.length > 0) await issue(reply, session);
    return given;
  };

  return {
    require,
    async requireFactor(request, reply, proof) {
      if (identityOf(request).session.factors.length === 0) return null;
      return await require(request, reply, { proof, grants: true });
    },
    async open(request, reply, proof) {
      await prove(request, proof);
      await issue(reply, identityOf(request).session);
    },
    async handOn(request, reply, { given, next }) {
      const { session } = identityOf(request);
      // A password opens no window here, so there is none to go on with.
      if (session.factors.length === 0) return;
      if (given !== null) return await issue(reply, next);
      forget(reply, session.userId);
    },
    forget,
  };
}

interface GoodToken {
  token: string;
  leftSeconds: number;
}

/** A proof as the gate takes it. */
export interface GivenProof {
  method: MethodId;
  proof: unknown;
}

function passwordIn({ password }: ProofFields): GivenProof | null {
  return password == null ? null : { method: 'password', proof: { password } };
}

function secondFactorIn(proof: ProofFields): GivenProof | null {
  switch (proof.mfa_method) {
    case 'totp':
      return codeProof(proof.mfa_code ?? '');
    case 'sms':
      return { method: 'sms-code', proof: { code: proof.mfa_code ?? '' } };
    case 'webauthn':
      return {
        method: 'passkey',
        proof: {
          response: proof.webauthn_response,
          ...(proof.webauthn_challenge != null && { challenge: proof.webauthn_challenge }),
        },
      };
    default:
      return null;
  }
}

/** Contract 1.4: a recovery code is taken wherever an authenticator's is; they cannot be mistaken for each other. */
export function codeProof(code: string): GivenProof {
  return { method: /^\d{6}$/.test(code.replaceAll(' ', '')) ? 'totp' : 'recovery-code', proof: { code } };
}

/** Neither a password nor an address nor a factor: nobody's yet. */
export function isUnclaimed({ passwordChangedAt, email, factors }: LiveSession): boolean {
  return passwordChangedAt === null && email === null && factors.length === 0;
}
