import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import * as schemas from './schemas.ts';
import { answerSignIn } from './sign-in-routes.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Operations 16 to 20: everything that goes through the mailbox. */
export const mailRoutes: FluxerRoutes = (scope, deps) => {
  const { recovery, contacts, projectId } = deps;

  scope.post(
    '/auth/forgot',
    {
      config: { fluxer: { bucket: buckets.forgot, needs: 'nothing', captcha: 'forgot' } },
      schema: {
        operationId: 'forgot_password',
        summary: 'Forgot password',
        body: schemas.forgotPasswordRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await recovery.request({ projectId, email: request.body.email, origin: contextOf(request).origin });
      return reply.code(204).send(null);
    },
  );

  scope.get(
    '/auth/reset/:token',
    {
      config: { fluxer: { bucket: buckets.resetCheck, needs: 'nothing' } },
      schema: {
        operationId: 'check_reset_token',
        summary: 'Whether a reset token would be taken',
        params: schemas.resetTokenParams,
        response: { 200: schemas.resetTokenResponse },
      },
    },
    async (request) => ({ valid: await recovery.isGood(projectId, request.params.token) }),
  );

  scope.post(
    '/auth/reset',
    {
      config: { fluxer: { bucket: buckets.reset, needs: 'nothing', setsCookie: true } },
      schema: {
        operationId: 'reset_password',
        summary: 'Reset password',
        body: schemas.resetPasswordRequest,
        response: { 200: schemas.loginResponse },
      },
    },
    async (request, reply) => {
      const { token, password } = request.body;
      const { origin } = contextOf(request);
      const result = await recovery.complete({ projectId, surface: 'fluxer', token, password, origin });
      return await answerSignIn(result, reply, deps);
    },
  );

  scope.post(
    '/auth/email-revert',
    {
      config: { fluxer: { bucket: buckets.emailRevert, needs: 'nothing', setsCookie: true } },
      schema: {
        operationId: 'revert_email_change',
        summary: 'Revert email change',
        body: schemas.emailRevertRequest,
        response: { 200: schemas.loginResponse },
      },
    },
    async (request, reply) => {
      const { token, password } = request.body;
      const { origin } = contextOf(request);
      const result = await recovery.revert({ projectId, surface: 'fluxer', token, password, origin });
      return await answerSignIn(result, reply, deps);
    },
  );

  scope.post(
    '/auth/verify',
    {
      config: { fluxer: { bucket: buckets.verify, needs: 'nothing' } },
      schema: {
        operationId: 'verify_email',
        summary: 'Verify email',
        body: schemas.verifyEmailRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await contacts.verify({ projectId, token: request.body.token, origin: contextOf(request).origin });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/auth/verify/resend',
    {
      config: {
        fluxer: { bucket: buckets.verifyResend, needs: 'session', sudo: 'never', suspected: 'allowed' },
      },
      schema: {
        operationId: 'resend_verification_email',
        summary: 'Resend verification email',
        security: [{ sessionToken: [] }],
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { userId, suspicion } = identityOf(request).session;
      await contacts.resendVerification({ projectId, userId, suspicion });
      return reply.code(204).send(null);
    },
  );
};
