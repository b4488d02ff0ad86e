import type { FastifyRequest } from 'fastify';
import { SECOND } from '../../chance.ts';
import { AuthError } from '../../core/errors.ts';
import type { Project } from '../../core/project/index.ts';
import { isSnowflake } from '../../core/user/index.ts';
import { originOf } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import { callerOf } from './rules.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** What apps do with a session token that one of their own requests came with (FX-30 to FX-36, FX-60 to FX-68). */
export const sessionRoutes: FluxRoutes = (scope, deps) => {
  const { sessions, users, tokens, proxies, clock } = deps;
  const { live, hand, present, requireNothingOwed } = deps.sessionAnswers;
  const config = { flux: { needs: 'secret-key' } } as const;
  const noActor = (request: FastifyRequest) =>
    ({ userId: null, sessionId: null, origin: originOf(request, proxies) }) as const;

  /** Ends the session of a token of ours, in its time or not; whether it is there is all the same (FX-67). */
  async function revokeByToken(request: FastifyRequest, project: Project, token: string): Promise<void> {
    const said = await tokens.read(token, project);
    if (!said) throw new FluxError(answers.invalidSession);
    const { sub: userId, sid } = said.claims;
    const actor = noActor(request);
    await sessions.endNamed({ projectId: project.id, userId, ids: [sid], actor });
  }

  scope.post(
    '/sessions/verify',
    {
      config,
      schema: {
        operationId: 'flux_verify_session',
        summary: 'Whose session token is this; renews it',
        body: schemas.tokenRequest,
        response: { 200: schemas.verifiedResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { token } = request.body;
      const { session, claims } = await live(token, project);
      if (project.settings.mfa.owed === 'refuse') requireNothingOwed(session, project);
      const age = clock() / SECOND - claims.iat;
      const isYoung = age < project.settings.session.renew_after_seconds;
      // What the token says of the factors must be what the session says.
      return await hand(
        session,
        project,
        isYoung && claims.mfa === session.isMultiFactor ? token : undefined,
      );
    },
  );

  scope.post(
    '/sessions/get',
    {
      config,
      schema: {
        operationId: 'flux_get_session',
        summary: 'The session of a token; renews nothing',
        body: schemas.tokenRequest,
        response: { 200: schemas.sessionResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { session } = await live(request.body.token, project);
      return { session: await present(session, project) };
    },
  );

  scope.post(
    '/sessions/revoke',
    {
      config,
      schema: {
        operationId: 'flux_revoke_session',
        summary: 'End one session',
        body: schemas.revokeRequest,
        response: { 200: schemas.emptyResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { token, session_id: id = '' } = request.body;
      const actor = noActor(request);
      if (token !== undefined) await revokeByToken(request, project, token);
      else await sessions.endInProject({ projectId: project.id, id, surface: 'flux', actor });
      return {};
    },
  );

  scope.post(
    '/sign_out',
    {
      config: { flux: { needs: 'publishable-key' } },
      schema: {
        operationId: 'flux_sign_out',
        summary: 'End the session of a token, from a browser',
        body: schemas.tokenRequest,
        response: { 200: schemas.emptyResponse },
      },
    },
    async (request) => {
      await revokeByToken(request, callerOf(request).project, request.body.token);
      return {};
    },
  );

  scope.post(
    '/users/:id/sessions/revoke',
    {
      config,
      schema: {
        operationId: 'flux_revoke_all_sessions',
        summary: "End all of a user's sessions, whatever they were made with",
        params: schemas.userParams,
        response: { 200: schemas.revokedResponse },
      },
    },
    async (request) => {
      const { id: projectId } = callerOf(request).project;
      const { id } = request.params;
      if (!isSnowflake(id)) throw new AuthError('not-found', { what: 'user' });
      const user = await users.find(projectId, id);
      const revoked = await sessions.endNamed({ projectId, userId: user.id, actor: noActor(request) });
      return { revoked };
    },
  );
};
