import type { FastifyRequest } from 'fastify';
import { buckets } from './buckets.ts';
import * as schemas from './change-schemas.ts';
import { contextOf, identityOf } from './context.ts';
import { presentNewAddress, presentStartedChange } from './present.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 4.7: another e-mail address, after both mailboxes are proved. The token at the end goes into PATCH /users/@me. */
export const emailChangeRoutes: FluxerRoutes = (scope, { emailChanges }) => {
  const security = [{ sessionToken: [] }];

  scope.post(
    '/users/@me/email-change/start',
    {
      config: { fluxer: { bucket: buckets.emailChangeStart, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'start_email_change',
        summary: 'Begin to change my e-mail address',
        security,
        response: { 200: schemas.emailChangeStartResponse },
      },
    },
    async (request) => presentStartedChange(await emailChanges.start(asking(request))),
  );

  scope.post(
    '/users/@me/email-change/resend-original',
    {
      config: { fluxer: { bucket: buckets.emailChangeResendOriginal, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'resend_original_email_confirmation',
        summary: 'Send the code for the present address again',
        security,
        body: schemas.ticketRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await emailChanges.resendOriginal({ ...asking(request), ticket: request.body.ticket });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/email-change/verify-original',
    {
      config: { fluxer: { bucket: buckets.emailChangeVerifyOriginal, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'verify_original_email_address',
        summary: 'Prove the present address',
        security,
        body: schemas.codeRequest,
        response: { 200: schemas.emailChangeVerifyOriginalResponse },
      },
    },
    async (request) => {
      const { ticket, code } = request.body;
      return { original_proof: await emailChanges.verifyOriginal({ ...asking(request), ticket, code }) };
    },
  );

  scope.post(
    '/users/@me/email-change/request-new',
    {
      config: { fluxer: { bucket: buckets.emailChangeRequestNew, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'request_new_email_address',
        summary: 'Say which address is to be the new one',
        security,
        body: schemas.emailChangeRequestNewRequest,
        response: { 200: schemas.emailChangeRequestNewResponse },
      },
    },
    async (request) => {
      const { ticket, new_email: newEmail, original_proof: originalProof } = request.body;
      const wanted = { ...asking(request), ticket, newEmail, originalProof };
      return presentNewAddress({ ticket, newEmail }, await emailChanges.requestNew(wanted));
    },
  );

  scope.post(
    '/users/@me/email-change/resend-new',
    {
      config: { fluxer: { bucket: buckets.emailChangeResendNew, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'resend_new_email_confirmation',
        summary: 'Send the code for the new address again',
        security,
        body: schemas.ticketRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await emailChanges.resendNew({ ...asking(request), ticket: request.body.ticket });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/email-change/verify-new',
    {
      config: { fluxer: { bucket: buckets.emailChangeVerifyNew, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'verify_new_email_address',
        summary: 'Prove the new address',
        security,
        body: schemas.emailChangeVerifyNewRequest,
        response: { 200: schemas.emailTokenResponse },
      },
    },
    async (request) => {
      const { ticket, code, original_proof: originalProof } = request.body;
      const step = { ...asking(request), ticket, code, originalProof };
      return { email_token: await emailChanges.verifyNew(step) };
    },
  );
};

function asking(request: FastifyRequest) {
  return { session: identityOf(request).session, origin: contextOf(request).origin };
}
