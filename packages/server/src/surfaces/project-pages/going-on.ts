import type { FastifyReply } from 'fastify';
import { HOUR } from '../../chance.ts';
import { AuthError } from '../../core/errors.ts';
import type { SignInResult } from '../../core/sign-in/index.ts';
import type { Carried } from './carried.ts';
import type { ProjectPagesDependencies, Tools } from './surface.ts';
import { type Landing, pathOf, type Visit } from './visit.ts';
import { backBy, type Ways } from './way.ts';

export interface GoingOn {
  /** On from whatever signing in has come to: to the second factor that is owed, or back to the app. */
  enter(visit: Visit, result: SignInResult): Promise<FastifyReply>;
  /**
   * The same for a session that there is. Throws `not-signed-in` for one that has ended, or is another project's, and
   * `account-suspected`.
   */
  goOn(visit: Visit, sessionId: string): Promise<FastifyReply>;
  /** Ends a session that nobody will be told a token of. */
  leave(here: Landing, sessionId: string): Promise<void>;
}

/** As long as somebody may take to find the phone. */
const SECOND_FACTOR_MS = HOUR / 4;

export function createGoingOn(
  deps: Pick<ProjectPagesDependencies, 'sessions' | 'returnCodes' | 'owesFactor' | 'clock'> & {
    ways: Ways;
    carried: Carried;
    originOf: Tools['originOf'];
  },
): GoingOn {
  const { sessions, returnCodes, owesFactor, clock, ways, carried, originOf } = deps;

  async function goOn({ project, way, request, reply }: Visit, sessionId: string): Promise<FastifyReply> {
    const session = await sessions.findById(sessionId, 'flux');
    if (session?.projectId !== project.id) throw new AuthError('not-signed-in');
    const { suspicion } = session;
    if (suspicion !== 0) throw new AuthError('account-suspected', { suspicion });
    if (owesFactor(session, project)) {
      const until = clock() + SECOND_FACTOR_MS;
      const step = { at: 'second-factor', sessionId, setUp: {} } as const;
      carried.write(reply, project, { step, way: ways.seal(project, way), until });
      return reply.redirect(pathOf(project, 'step-up'), 303);
    }
    const { redirectUrl, codeChallenge } = way;
    const code = await returnCodes.issue({ projectId: project.id, sessionId, redirectUrl, codeChallenge });
    carried.clear(request, reply);
    return reply.redirect(backBy(way, { code }), 303);
  }

  return {
    goOn,
    async leave({ project, request }, sessionId) {
      const session = await sessions.findById(sessionId, 'flux');
      if (session?.projectId !== project.id) return;
      const { userId } = session;
      await sessions.end(session, { userId, sessionId, origin: originOf(request) });
    },
    async enter(visit, result) {
      // Core withholds nothing from this wire: what is owed stands in the session (design section 4).
      if (result.state !== 'signed-in') throw new AuthError('not-allowed');
      return await goOn(visit, result.session.id);
    },
  };
}
