import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuthError } from '../../core/errors.ts';
import type { LiveSession } from '../../core/session/index.ts';
import { fieldOf, hasProblems, missingFields, NO_PROBLEMS, problemsFrom } from '../../pages-kit/index.ts';
import { HandoffCodeView, HandoffEndView, HandoffView } from './handoff-view.tsx';
import { stepStrings } from './step-strings.ts';
import type { PageTools } from './surface.ts';

const HANDOFF = '/handoff';
const text = stepStrings.handoff;

/** Somebody who is signed in here lets an app in, by the code that it shows (contract 1.15). */
export function handoffPages(scope: FastifyInstance, tools: PageTools): void {
  const { handoffs, sessionOf, show } = tools;

  function showCode(
    reply: FastifyReply,
    { code = '', problems = NO_PROBLEMS, status = 200 } = {},
  ): FastifyReply {
    const content = <HandoffCodeView {...{ code, problems }} />;
    return show(reply, { title: text.title, content, status, scripts: ['token'] });
  }

  /** Back here, with the code, once somebody is signed in. */
  function toLogin(reply: FastifyReply, code: string): FastifyReply {
    const plain = code.replace(/[^A-Za-z0-9-]/g, '');
    const next = plain === '' ? HANDOFF : `${HANDOFF}?code=${plain}`;
    return reply.redirect(`/login?${new URLSearchParams({ next })}`, 303);
  }

  async function showInfo(
    request: FastifyRequest,
    reply: FastifyReply,
    { session, code }: { session: LiveSession; code: string },
  ): Promise<FastifyReply> {
    const info = await handoffs.describe({
      ...{ code, userId: session.userId },
      origin: tools.originOf(request),
    });
    if (info.status !== 'pending') throw new AuthError('invalid-handoff-code', { reason: 'unknown' });
    return show(reply, { title: text.title, content: <HandoffView {...{ session, info }} /> });
  }

  scope.get<{ Querystring: { code?: unknown } }>(HANDOFF, async (request, reply) => {
    const code = typeof request.query.code === 'string' ? request.query.code.slice(0, 32) : '';
    const found = await sessionOf(request);
    if (!found) return toLogin(reply, code);
    if (code === '') return showCode(reply);
    try {
      return await showInfo(request, reply, { session: found.session, code });
    } catch (error) {
      return showCode(reply, { code, ...problemsFrom(error) });
    }
  });

  scope.post(HANDOFF, async (request, reply) => {
    const code = fieldOf(request, 'code').trim();
    const found = await sessionOf(request);
    if (!found) return toLogin(reply, code);
    const problems = missingFields({ code });
    if (hasProblems(problems)) return showCode(reply, { problems, status: 400 });
    const { session } = found;
    const presented = { code, origin: tools.originOf(request) };
    try {
      switch (fieldOf(request, 'answer')) {
        case 'yes':
          await handoffs.complete({ ...presented, session });
          return show(reply, { title: text.doneTitle, content: <HandoffEndView isDone /> });
        case 'no':
          await handoffs.cancel({ ...presented, userId: session.userId });
          return show(reply, { title: text.cancelledTitle, content: <HandoffEndView isDone={false} /> });
        default:
          return await showInfo(request, reply, { session, code });
      }
    } catch (error) {
      return showCode(reply, { code, ...problemsFrom(error) });
    }
  });
}
