import { originOf } from '../../http/index.ts';
import { buckets } from './buckets.ts';
import { answers, FlectoError } from './errors.ts';
import * as schemas from './schemas.ts';
import { subjectOf } from './subject.ts';
import { EMPTY, type FlectoRoutes } from './surface.ts';

/** Contract A3 and A5: going on with a sign-in, and ending it. */
export const sessionRoutes: FlectoRoutes = (scope, deps) => {
  const { projectId, proxies, sessions, users, usernameOf, tokens, logins } = deps;

  scope.post(
    '/refresh',
    {
      config: { flecto: { asks: 'nobody', bucket: buckets.refresh, failure: 'Token refresh failed' } },
      schema: {
        operationId: 'flecto_refresh',
        summary: 'A new pair of tokens for a refresh token, which is spent',
        body: schemas.refreshRequest,
        response: { 200: schemas.loginResponse },
      },
    },
    async (request) => {
      const said = tokens.read(request.body.refreshToken);
      if (!said) throw new FlectoError(answers.badRefreshToken);
      // Shown by whoever holds it, an access token is no sign of a stolen one: the session goes on.
      if (said.type !== 'refresh') throw new FlectoError(answers.spentRefreshToken);
      const user = await users.findByNumber(projectId, said.uid);
      if (!user) throw new FlectoError(answers.badRefreshToken);
      if (user.status !== 'active') throw new FlectoError(answers.userInactive);
      // Before the token is spent: whoever is told to try again once it is would end their own log-in by it.
      const username = await usernameOf(user.id);
      const { sid: id, jti: token, uid: number, authType, roles } = said;
      const origin = originOf(request, proxies);
      const renewal = await sessions.renew({ id, userId: user.id, surface: 'flecto', token, origin });
      if (renewal.state !== 'renewed') throw new FlectoError(answers.spentRefreshToken);
      const { globalName } = renewal.session.profile;
      const session = { id, token: renewal.token };
      return logins.hand({ session, user: { number, username, globalName }, authType, roles });
    },
  );

  scope.post(
    '/logout',
    {
      config: { flecto: { asks: 'anybody', failure: 'Logout failed' } },
      schema: {
        operationId: 'flecto_logout',
        summary: 'End the sign-in that the credential belongs to',
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const subject = subjectOf(request);
      // An API token belongs to no sign-in; there is nothing to end (contract A3).
      if (subject.kind === 'user') {
        const { userId, sessionId } = subject;
        const actor = { userId, sessionId, origin: originOf(request, proxies) };
        await sessions.endNamed({ projectId, userId, ids: [sessionId], actor });
      }
      return reply.code(204).send(null);
    },
  );
};
