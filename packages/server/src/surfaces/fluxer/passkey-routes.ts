import type { FastifyRequest } from 'fastify';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import * as schemas from './passkey-schemas.ts';
import { presentPasskey } from './present.ts';
import { proofRequest } from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

const CREDENTIALS = '/users/@me/mfa/webauthn/credentials';
const security = [{ sessionToken: [] }];

/** Contract 4.6: a person's own passkeys. */
export const passkeyRoutes: FluxerRoutes = (scope, { passkeys }) => {
  scope.get(
    CREDENTIALS,
    {
      config: { fluxer: { bucket: buckets.passkeyList, needs: 'session' } },
      schema: {
        operationId: 'list_webauthn_credentials',
        summary: 'List my passkeys',
        security,
        response: { 200: schemas.passkeyListResponse },
      },
    },
    async (request) => {
      const listed = await passkeys.list(identityOf(request).session.userId);
      return listed.map(presentPasskey);
    },
  );

  scope.post(
    `${CREDENTIALS}/registration-options`,
    {
      config: { fluxer: { bucket: buckets.passkeyOptions, needs: 'session', sudo: 'asks' } },
      schema: {
        operationId: 'get_webauthn_registration_options',
        summary: 'Begin to make a passkey',
        security,
        body: proofRequest,
        response: { 200: schemas.registrationOptionsResponse },
      },
    },
    async (request) => {
      return await passkeys.begin(identityOf(request).session);
    },
  );

  scope.post(
    CREDENTIALS,
    {
      config: { fluxer: { bucket: buckets.passkeyRegister, needs: 'session', sudo: 'asks' } },
      schema: {
        operationId: 'register_webauthn_credential',
        summary: 'Keep the passkey that the browser made',
        security,
        body: schemas.registerPasskeyRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { response, challenge, name } = request.body;
      await passkeys.register({ ...asking(request), response, challenge, name });
      return reply.code(204).send(null);
    },
  );

  scope.patch(
    `${CREDENTIALS}/:credential_id`,
    {
      config: { fluxer: { bucket: buckets.passkeyUpdate, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'update_webauthn_credential',
        summary: 'Rename a passkey',
        security,
        params: schemas.passkeyParams,
        body: schemas.renamePasskeyRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { credential_id: credentialId } = request.params;
      const { name } = request.body;
      await passkeys.rename({ ...asking(request), credentialId, name });
      return reply.code(204).send(null);
    },
  );

  scope.delete(
    `${CREDENTIALS}/:credential_id`,
    {
      config: { fluxer: { bucket: buckets.passkeyDelete, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'delete_webauthn_credential',
        summary: 'Remove a passkey',
        security,
        params: schemas.passkeyParams,
        body: proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { credential_id: credentialId } = request.params;
      await passkeys.remove({ ...asking(request), credentialId });
      return reply.code(204).send(null);
    },
  );

  function asking(request: FastifyRequest) {
    return { session: identityOf(request).session, origin: contextOf(request).origin };
  }
};
