import type { FastifyReply } from 'fastify';
import { ledBackTo } from '../../core/project/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { SetUp } from './carried.ts';
import type { Tools } from './surface.ts';
import { type Landing, linkTo } from './visit.ts';

/** Somebody in a session that owes a second factor, and the one way on once it is shown. */
export interface Standing extends Landing {
  session: LiveSession;
  leadsTo: string;
  /** Where to begin again; null where only the app can say. */
  beginning: string | null;
  /** Where and when the sign-in was made that is confirmed here, if another browser may have made it. */
  madeElsewhere: { address: string; at: number } | null;
  /** What is being set up in this browser. */
  setUp: SetUp;
  keep(setUp: SetUp): void;
  /** Back to the app. */
  goOn(): Promise<FastifyReply>;
}

/** Who stands at the second step: after a first proof on these pages, or sent by an app with a ticket. Null for nobody. */
export async function standingAt(
  here: Landing,
  tools: Tools,
  over: () => FastifyReply,
): Promise<Standing | null> {
  return (await byTicket(here, tools, over)) ?? (await bySignIn(here, tools));
}

async function byTicket(here: Landing, tools: Tools, over: () => FastifyReply): Promise<Standing | null> {
  const { carried, stepUps } = tools;
  const { project, request, reply } = here;
  const kept = carried.find(request, project, 'ticket');
  if (!kept) return null;
  const { ticket, setUp } = kept.step;
  const open = await stepUps.open(ticket);
  if (open?.project.id !== project.id) return null;
  return {
    ...here,
    session: open.session,
    leadsTo: open.redirectUrl,
    beginning: null,
    madeElsewhere: { address: open.session.madeAt.address, at: open.session.createdAt },
    setUp,
    keep: (next) => carried.write(reply, project, { ...kept, step: { at: 'ticket', ticket, setUp: next } }),
    async goOn() {
      const done = await stepUps.finish(ticket);
      carried.clear(request, reply);
      if (!done) return over();
      return reply.redirect(ledBackTo(done.redirectUrl, { state: done.state ?? undefined }), 303);
    },
  };
}

async function bySignIn(here: Landing, tools: Tools): Promise<Standing | null> {
  const { carried, ways, sessions } = tools;
  const { project, request, reply } = here;
  const kept = carried.find(request, project, 'second-factor');
  const way = kept?.way ? ways.open(project, kept.way) : null;
  if (!kept || !way) return null;
  const { sessionId, setUp } = kept.step;
  const session = await sessions.findById(sessionId, 'flux');
  if (session?.projectId !== project.id) return null;
  return {
    ...here,
    session,
    leadsTo: way.redirectUrl,
    beginning: linkTo({ project, way }, 'sign-in'),
    madeElsewhere: null,
    setUp,
    keep: (next) =>
      carried.write(reply, project, { ...kept, step: { at: 'second-factor', sessionId, setUp: next } }),
    goOn: () => tools.goOn({ project, request, reply, way }, sessionId),
  };
}
