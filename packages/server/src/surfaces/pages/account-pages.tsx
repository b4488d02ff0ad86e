import type { FastifyInstance, FastifyReply } from 'fastify';
import type { LiveSession } from '../../core/session/index.ts';
import { fieldOf, fieldsOf, NO_PROBLEMS, type Problems, problemsFrom } from '../../pages-kit/index.ts';
import { AccountView } from './account-view.tsx';
import { strings } from './page-strings.ts';
import type { PageTools } from './surface.ts';

const TO_LOGIN = '/login?next=%2Faccount';

/** Who am I, where am I signed in, and out again. */
export function accountPages(scope: FastifyInstance, tools: PageTools): void {
  const { sessions, contacts, cookie, sudo, sessionOf, show } = tools;
  /** In the form itself; whoever has a second factor is asked for it when the form comes. */
  const asksPassword = (session: LiveSession) => session.factors.length === 0 && !sudo.isElevated(session);

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
        isAdministrator={(await tools.permissionsOf(session.userId)).admin.length > 0}
        asksPassword={asksPassword(session)}
        problems={problems ?? NO_PROBLEMS}
        chosen={chosen}
        notice={notice}
      />
    );
    return show(reply, { title: strings.home.title, content, width: 'wide', ...(status && { status }) });
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

  scope.post('/account/sessions', async (request, reply) => {
    const found = await sessionOf(request);
    if (!found) return reply.redirect(TO_LOGIN, 303);
    let { session } = found;
    const { projectId, userId } = session;
    try {
      if (asksPassword(session)) session = await sudo.elevated(request, reply, session);
      else {
        const raised = await sudo.pass(request, reply, session);
        if (!raised) return reply;
        session = raised;
      }
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
