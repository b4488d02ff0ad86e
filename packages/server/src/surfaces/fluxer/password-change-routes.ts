import { buckets } from './buckets.ts';
import * as schemas from './change-schemas.ts';
import { contextOf, identityOf } from './context.ts';
import { presentPasswordChange } from './present.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 4.8: another password by a code in the mailbox, without the old one. */
export const passwordChangeRoutes: FluxerRoutes = (scope, deps) => {
  const { passwordChanges, sudo, cookie, cookieEnabled } = deps;
  const security = [{ sessionToken: [] }];

  scope.post(
    '/users/@me/password-change/start',
    {
      config: { fluxer: { bucket: buckets.passwordChangeStart, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'start_password_change',
        summary: 'Begin to change my password by mail',
        security,
        response: { 200: schemas.passwordChangeStartResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      return presentPasswordChange(await passwordChanges.start({ session }));
    },
  );

  scope.post(
    '/users/@me/password-change/resend',
    {
      config: { fluxer: { bucket: buckets.passwordChangeResend, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'resend_password_change_code',
        summary: 'Send the code again',
        security,
        body: schemas.ticketRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      await passwordChanges.resend({ session, origin, ticket: request.body.ticket });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/password-change/verify',
    {
      config: { fluxer: { bucket: buckets.passwordChangeVerify, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'verify_password_change_code',
        summary: 'Turn the code into a proof',
        security,
        body: schemas.codeRequest,
        response: { 200: schemas.passwordChangeVerifyResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      const { ticket, code } = request.body;
      return { verification_proof: await passwordChanges.verify({ session, origin, ticket, code }) };
    },
  );

  scope.post(
    '/users/@me/password-change/complete',
    {
      config: {
        fluxer: {
          bucket: buckets.passwordChangeComplete,
          needs: 'session',
          sudo: 'inside',
          setsCookie: true,
        },
      },
      schema: {
        operationId: 'complete_password_change',
        summary: 'Set the new password; every session ends, and a new one is made',
        security,
        body: schemas.passwordChangeCompleteRequest,
        response: { 200: schemas.passwordChangeCompleteResponse },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      const { ticket, verification_proof: proof, new_password: newPassword } = request.body;
      const given = await sudo.requireFactor(request, reply, request.body);
      const next = await passwordChanges.complete({ session, origin, ticket, proof, newPassword });
      if (cookieEnabled) cookie.write(reply, next.token);
      await sudo.handOn(request, reply, { given, next });
      // Without a gateway to tell clients of the session that replaces theirs, the answer does.
      return { token: next.token, auth_session_id_hash: next.tokenHash };
    },
  );
};
