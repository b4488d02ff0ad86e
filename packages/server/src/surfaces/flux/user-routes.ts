import { AuthError } from '../../core/errors.ts';
import { isSnowflake } from '../../core/user/index.ts';
import { originOf } from '../../http/index.ts';
import { presentAccount } from './present-mfa.ts';
import { callerOf } from './rules.ts';
import { userParams } from './schemas.ts';
import type { FluxRoutes } from './surface.ts';
import * as schemas from './user-schemas.ts';

/** What an app asks of one of its users, and asks of them (FX-45). */
export const userRoutes: FluxRoutes = (scope, { users, proxies }) => {
  const config = { flux: { needs: 'secret-key' } } as const;

  function knownForm(id: string): string {
    if (!isSnowflake(id)) throw new AuthError('not-found', { what: 'user' });
    return id;
  }

  scope.get(
    '/users/:id',
    {
      config,
      schema: {
        operationId: 'flux_get_user',
        summary: 'One user of the project',
        params: userParams,
        response: { 200: schemas.accountResponse },
      },
    },
    async (request) => {
      const { id: projectId } = callerOf(request).project;
      return { user: presentAccount(await users.find(projectId, knownForm(request.params.id))) };
    },
  );

  scope.patch(
    '/users/:id',
    {
      config,
      schema: {
        operationId: 'flux_change_user',
        summary: 'Say whether this user must show a second factor, whatever the project asks of all',
        params: userParams,
        body: schemas.changeAccountRequest,
        response: { 200: schemas.accountResponse },
      },
    },
    async (request) => {
      const { id: projectId } = callerOf(request).project;
      const user = await users.demandFactor({
        projectId,
        id: knownForm(request.params.id),
        isDemanded: request.body.mfa_required,
        actor: { userId: null, sessionId: null, origin: originOf(request, proxies) },
      });
      return { user: presentAccount(user) };
    },
  );
};
