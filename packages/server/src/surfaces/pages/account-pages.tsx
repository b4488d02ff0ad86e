import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LiveSession } from '../../core/session/index.ts';
import { AccountView } from './account-view.tsx';
import { fieldOf, fieldsOf, NO_PROBLEMS, type Problems, problemsFrom } from './forms.ts';
import { strings } from './strings.ts';
import type { PageTools } from './surface.ts';

const TO_LOGIN = '/login?next=%2Faccount';

/** Who am I, where am I signed in, and out again. */
export function accountPages(scope: FastifyInstance, tools: PageTools): void {
  const { sessions, gate, contacts, cookie, sessionOf, show, clock } = tools;

  interface Shown {
    session: LiveSession;
    problems?: Problems;
    notice?: string | undefined;
    status?: number;
    /** Ids of the sessions that were ticked. */
    chosen?: readonly string[];
  }

  async function showAccount(
    reply: FastifyReply,
    { session, problems, notice, status, chosen = [] }: Shown,
  ): Promise<FastifyReply> {
    const content = (
      <AccountView
        session={session}
        sessions={await sessions.list(session.userId)}
        isAdministrator={(await tools.adminRowsOf(session.userId)).length > 0}
        asksPassword={!isElevated(session)}
        problems={problems ?? NO_PROBLEMS}
        chosen={chosen}
        notice={notice}
      />
    );
    return show(reply, { title: strings.home.title, content, width: 'wide', ...(status && { status }) });
  }

  function isElevated(session: LiveSession): boolean {
    return session.elevatedUntil !== null && clock() < session.elevatedUntil;
  }

  scope.get<{ Querystring: { done?: unknown } }>('/account', async (request, reply) => {
    const found = await sessionOf(request);
    if (!found) return reply.redirect('/login', 303);
    const { done } = request.query;
    const notice =
      done === 'ended' ? strings.home.ended : done === 'resent' ? strings.home.resent : undefined;
    return await showAccount(reply, { session: found.session, notice });
  });

  scope.post('/account/resend', async (request, reply) => {
    const found = await sessionOf(request);
    if (!found) return reply.redirect(TO_LOGIN, 303);
    const { projectId, userId, suspicion } = found.session;
    try {
      await contacts.resendVerification({ projectId, userId, suspicion });
      return reply.redirect('/account?done=resent', 303);
    } catch (error) {
      return await showAccount(reply, { session: found.session, ...problemsFrom(error) });
    }
  });

  /** Sessions are ended only by somebody who has just shown the password again (security D06). */
  async function elevated(request: FastifyRequest, reply: FastifyReply, session: LiveSession): Promise<void> {
    if (isElevated(session)) return;
    const proof = { password: fieldOf(request, 'password') };
    const issued = await gate.elevate({
      session,
      method: 'password',
      proof,
      origin: tools.originOf(request),
    });
    cookie.write(reply, issued.token);
  }

  scope.post('/account/sessions', async (request, reply) => {
    const found = await sessionOf(request);
    if (!found) return reply.redirect(TO_LOGIN, 303);
    const { session } = found;
    const { projectId, userId } = session;
    try {
      await elevated(request, reply, session);
      const actor = tools.actorOf(request, session);
      const ids = fieldsOf(request, 'session').filter((id) => id !== session.id);
      if (fieldOf(request, 'which') === 'others') await sessions.endOthers(session, actor);
      else await sessions.endNamed({ projectId, userId, ids, actor });
      return reply.redirect('/account?done=ended', 303);
    } catch (error) {
      const chosen = fieldsOf(request, 'session');
      return await showAccount(reply, { session, chosen, ...problemsFrom(error) });
    }
  });

  scope.post('/logout', async (request, reply) => {
    const found = await sessionOf(request);
    if (found) {
      const { session } = found;
      await sessions.end(session, tools.actorOf(request, session));
    }
    cookie.clear(reply);
    void reply.header('clear-site-data', '"cache", "storage"');
    return reply.redirect('/login', 303);
  });
}
