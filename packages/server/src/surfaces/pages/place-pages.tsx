import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAuthError } from '../../core/errors.ts';
import {
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  type Problems,
  problemsFrom,
  refusals,
} from '../../pages-kit/index.ts';
import type { Pending } from './pending.ts';
import { PlaceAllowedView, PlaceLookView, PlaceRefusedView, PlaceView, WaitingView } from './place-view.tsx';
import { stepStrings } from './step-strings.ts';
import type { PageTools } from './surface.ts';

const WAITING = '/login/waiting';
const ANSWER = '/authorize-ip';

/** What a page that waits asks by itself, every few seconds. */
const LOOKS = { name: 'pages:waiting', limit: 60, windowMs: 60_000 };

type Waiting = Extract<Pending, { owes: 'approval' }>;

/**
 * A sign-in from a new place: the page where it waits, and the page of the mail's link. Whoever answers the mail is
 * not signed in by it; the browser that waits is (security D11).
 */
export function placePages(scope: FastifyInstance, tools: PageTools): void {
  const { projectId, approvals, pending, show, admit, beginAgain } = tools;
  const hasMailbox = tools.devMailbox !== null;

  function showWaiting(
    reply: FastifyReply,
    {
      waiting,
      problems = NO_PROBLEMS,
      status = 200,
    }: { waiting: Waiting; problems?: Problems; status?: number },
  ): FastifyReply {
    const { email, wasResent } = waiting;
    return show(reply, {
      title: stepStrings.waiting.title,
      content: <WaitingView {...{ email, wasResent, hasMailbox, problems }} />,
      status,
      scripts: ['waiting'],
      looksAgainAt: WAITING,
    });
  }

  /** The session of an attempt that was allowed; null while nobody has answered. Throws `invalid-approval`. */
  async function outcomeOf({ ticket }: Waiting): Promise<string | null> {
    return (await approvals.poll({ projectId, ticket }))?.token ?? null;
  }

  scope.get(WAITING, async (request, reply) => {
    const waiting = pending.find(request, 'approval');
    if (!waiting) return beginAgain(request, reply, 'unanswered');
    try {
      const token = await outcomeOf(waiting);
      if (token === null) return showWaiting(reply, { waiting });
      await admit(request, reply, token);
      return reply.redirect(waiting.next, 303);
    } catch (error) {
      if (isAuthError(error, 'invalid-approval')) return beginAgain(request, reply, 'unanswered');
      throw error;
    }
  });

  scope.get(`${WAITING}/state`, { schema: { hide: true } }, async (request, reply) => {
    const state = tools.traffic.take(LOOKS, tools.originOf(request).source);
    if (!state.allowed) {
      void reply.header('retry-after', Math.ceil(state.retryAfterMs / 1000));
      return reply.code(429).send({ isOver: false });
    }
    const waiting = pending.find(request, 'approval');
    try {
      return reply.send({ isOver: waiting === null || (await outcomeOf(waiting)) !== null });
    } catch (error) {
      if (isAuthError(error, 'invalid-approval')) return reply.send({ isOver: true });
      throw error;
    }
  });

  scope.post(`${WAITING}/resend`, async (request, reply) => {
    const waiting = pending.find(request, 'approval');
    if (!waiting) return beginAgain(request, reply, 'unanswered');
    try {
      await approvals.resend({ projectId, ticket: waiting.ticket });
      pending.write(reply, { ...waiting, wasResent: true });
      return reply.redirect(WAITING, 303);
    } catch (error) {
      // Answered or over; the page itself knows which.
      if (isAuthError(error, 'invalid-approval')) return reply.redirect(WAITING, 303);
      return showWaiting(reply, { waiting, ...problemsFrom(error) });
    }
  });

  function showLook(
    reply: FastifyReply,
    { token = '', problems = NO_PROBLEMS, status = 200 } = {},
  ): FastifyReply {
    return show(reply, {
      title: stepStrings.place.title,
      content: <PlaceLookView {...{ token, problems }} />,
      status,
      scripts: ['token'],
    });
  }

  scope.get(ANSWER, async (_request, reply) => showLook(reply));

  // Nothing is allowed before it was looked at: the link shows, and only a button decides.
  scope.post(ANSWER, async (request, reply) => {
    const token = fieldOf(request, 'token').trim();
    const problems = missingFields({ token });
    if (hasProblems(problems)) return showLook(reply, { problems, status: 400 });
    try {
      return await answer(request, reply, token);
    } catch (error) {
      return showLook(reply, { token, ...problemsFrom(error) });
    }
  });

  async function answer(request: FastifyRequest, reply: FastifyReply, token: string): Promise<FastifyReply> {
    const { title, allowedTitle, refusedTitle } = stepStrings.place;
    const given = { token, origin: tools.originOf(request) };
    switch (fieldOf(request, 'answer')) {
      case 'yes': {
        await approvals.approve(given);
        const waitsHere = pending.find(request, 'approval') !== null;
        return show(reply, { title: allowedTitle, content: <PlaceAllowedView waitsHere={waitsHere} /> });
      }
      case 'no':
        await approvals.refuse(given);
        return show(reply, { title: refusedTitle, content: <PlaceRefusedView /> });
      default: {
        const asked = await approvals.describe(given);
        if (asked) return show(reply, { title, content: <PlaceView {...{ token, asked }} /> });
        const { text } = refusals['invalid-approval'];
        return showLook(reply, { token, problems: { fields: { token: text } }, status: 400 });
      }
    }
  }
}
