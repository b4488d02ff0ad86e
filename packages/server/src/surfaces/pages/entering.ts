import type { FastifyReply, FastifyRequest } from 'fastify';
import { MINUTE } from '../../chance.ts';
import type { Actor } from '../../core/audit/index.ts';
import type { LiveSession, Sessions } from '../../core/session/index.ts';
import type { SignInResult } from '../../core/sign-in/index.ts';
import type { CookieJar } from '../../http/index.ts';
import type { PendingSignIns } from './pending.ts';
import { stepStrings } from './step-strings.ts';

/** Why somebody is back at the sign-in page; each has its sentence there. */
export type BackAtLogin = keyof typeof stepStrings.back;

export function isBackAtLogin(because: unknown): because is BackAtLogin {
  return typeof because === 'string' && Object.hasOwn(stepStrings.back, because);
}

export interface Entering {
  /** Goes on with a sign-in: into the session, or to the page of what it still owes. */
  enter(
    request: FastifyRequest,
    reply: FastifyReply,
    entered: { result: SignInResult; next: string },
  ): Promise<FastifyReply>;
  /** Gives the browser a fresh session, and takes away whatever it had of another. */
  admit(request: FastifyRequest, reply: FastifyReply, token: string): Promise<void>;
  /** Back to the sign-in page, which says why. */
  beginAgain(request: FastifyRequest, reply: FastifyReply, because: BackAtLogin): FastifyReply;
}

interface Dependencies {
  cookie: CookieJar;
  pending: PendingSignIns;
  sessions: Sessions;
  sessionOf(request: FastifyRequest): Promise<{ session: LiveSession; token: string } | null>;
  actorOf(request: FastifyRequest, session: LiveSession): Actor;
  phoneOf(userId: string): Promise<string | null>;
}

export function createEntering(deps: Dependencies): Entering {
  const { cookie, pending, sessions, sessionOf, actorOf, phoneOf } = deps;

  async function admit(request: FastifyRequest, reply: FastifyReply, token: string): Promise<void> {
    cookie.write(reply, token);
    pending.clear(request, reply);
    // One browser, one session: the one it came with would otherwise live on, out of its owner's sight.
    const before = await sessionOf(request);
    if (before && before.token !== token)
      await sessions.end(before.session, actorOf(request, before.session));
  }

  return {
    admit,
    async enter(request, reply, { result, next }) {
      if (result.state === 'signed-in') {
        await admit(request, reply, result.session.token);
        return reply.redirect(next, 303);
      }
      const { ticket, expiresAt } = result;
      switch (result.state) {
        case 'needs-proof': {
          const { methods } = result;
          const phone = methods.includes('sms-code') ? await phoneOf(result.user.id) : null;
          const phoneHint = phone === null ? null : `••••${phone.slice(-4)}`;
          pending.write(reply, { owes: 'proof', ticket, next, expiresAt, methods, phoneHint });
          return reply.redirect('/login/confirm', 303);
        }
        case 'needs-enrolment':
          pending.write(reply, { owes: 'enrolment', ticket, next, expiresAt, secret: null });
          return reply.redirect('/login/authenticator', 303);
        case 'needs-approval': {
          const email = maskEmail(result.email);
          // Allowed at the last moment, it can still be gone on with for a while.
          const until = expiresAt + MINUTE;
          pending.write(reply, { owes: 'approval', ticket, next, expiresAt: until, email, wasResent: false });
          return reply.redirect('/login/waiting', 303);
        }
      }
    },
    beginAgain(request, reply, because) {
      const next = pending.nextOf(request);
      pending.clear(request, reply);
      const query = new URLSearchParams({ because, ...(next !== null && { next }) });
      return reply.redirect(`/login?${query}`, 303);
    },
  };
}

/** Enough to know which mailbox is meant. */
function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  return `${[...address][0] ?? ''}•••${address.slice(at)}`;
}
