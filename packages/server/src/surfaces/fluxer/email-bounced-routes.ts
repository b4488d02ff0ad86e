import { AuthError } from '../../core/errors.ts';
import { buckets } from './buckets.ts';
import * as schemas from './change-schemas.ts';
import { contextOf, identityOf } from './context.ts';
import { presentNewAddress, presentUserPrivate } from './present.ts';
import { userPrivateResponse } from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 4.7, `bounced/*`: another address for an account whose mailbox is gone, so that nobody could prove it. */
export const emailBouncedRoutes: FluxerRoutes = (scope, { emailChanges, sessions, sudo, clock }) => {
  const { bounced } = emailChanges;
  const security = [{ sessionToken: [] }];

  scope.post(
    '/users/@me/email-change/bounced/request-new',
    {
      config: {
        fluxer: {
          bucket: buckets.emailChangeRequestNew,
          needs: 'session',
          sudo: 'never',
          suspected: 'allowed',
        },
      },
      schema: {
        operationId: 'request_bounced_email_replacement',
        summary: 'Say which address replaces the one that is gone',
        security,
        body: schemas.bouncedRequestNewRequest,
        response: { 200: schemas.emailChangeRequestNewResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      const { new_email: newEmail } = request.body;
      const asked = await bounced.requestNew({ session, origin: contextOf(request).origin, newEmail });
      return presentNewAddress({ ticket: asked.ticket, newEmail }, asked);
    },
  );

  scope.post(
    '/users/@me/email-change/bounced/resend-new',
    {
      config: {
        fluxer: {
          bucket: buckets.emailChangeResendNew,
          needs: 'session',
          sudo: 'never',
          suspected: 'allowed',
        },
      },
      schema: {
        operationId: 'resend_bounced_email_replacement',
        summary: 'Send the code for the replacing address again',
        security,
        body: schemas.ticketRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      await bounced.resendNew({ session, origin, ticket: request.body.ticket });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/email-change/bounced/verify-new',
    {
      config: {
        fluxer: {
          bucket: buckets.emailChangeVerifyNew,
          needs: 'session',
          sudo: 'inside',
          suspected: 'allowed',
        },
      },
      schema: {
        operationId: 'verify_bounced_email_replacement',
        summary: 'Prove the replacing address, which is set at once',
        security,
        body: schemas.bouncedVerifyNewRequest,
        response: { 200: userPrivateResponse },
      },
    },
    async (request, reply) => {
      const { session, token } = identityOf(request);
      const { origin } = contextOf(request);
      const { ticket, code } = request.body;
      await sudo.requireFactor(request, reply, request.body);
      await bounced.verifyNew({ session, origin, ticket, code });
      const changed = await sessions.find(token, 'fluxer');
      if (!changed) throw new AuthError('not-signed-in');
      return presentUserPrivate(changed, clock());
    },
  );
};
