import { issuerOf, jwksUriOf } from '../../core/project/index.ts';
import { presentSettings } from './present.ts';
import { callerOf } from './rules.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** Half of what a key stands in the published set before it signs. */
const KEY_SET_SECONDS = 300;

/** What a client has to know of the project its key selects, and the keys that check its tokens (FX-70). */
export const projectRoutes: FluxRoutes = (scope, deps) => {
  const { publicUrl, puzzle, signingKeys, projectProviders, sessionFactors } = deps;

  scope.get(
    '/settings',
    {
      config: { flux: { needs: 'any-key' } },
      schema: {
        operationId: 'flux_settings',
        summary: 'The project that the key selects, as far as its clients must know it',
        response: { 200: schemas.settingsResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      return presentSettings(project, {
        puzzle,
        methods: await projectProviders.methodsOf(project),
        factorTypes: sessionFactors.typesOf(project),
        issuer: issuerOf(publicUrl, project.id),
        jwksUri: jwksUriOf(publicUrl),
      });
    },
  );

  scope.get(
    '/.well-known/jwks.json',
    {
      config: { flux: { needs: 'nothing' } },
      schema: {
        operationId: 'flux_jwks',
        summary: 'The public keys that session tokens are checked by',
        response: { 200: schemas.jwksResponse },
      },
    },
    async (_request, reply) => {
      void reply.headers({
        'cache-control': `public, max-age=${KEY_SET_SECONDS}`,
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      });
      return { keys: await signingKeys.published() };
    },
  );
};
