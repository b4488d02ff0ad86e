import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 2.5 and 2.7: what would do as a proof, its first halves, and the proof for its own sake. */
export const sudoRoutes: FluxerRoutes = (scope, { gate, sudo }) => {
  scope.get(
    '/users/@me/sudo/mfa-methods',
    {
      config: { fluxer: { bucket: buckets.sudoMethods, needs: 'session' } },
      schema: {
        operationId: 'list_sudo_mfa_methods',
        summary: 'List sudo MFA methods',
        security: [{ sessionToken: [] }],
        response: { 200: schemas.sudoMethodsResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      const methods = gate.provesAgain(session);
      return {
        totp: methods.includes('totp'),
        sms: methods.includes('sms-code'),
        webauthn: methods.includes('passkey'),
        has_mfa: session.factors.length > 0,
      };
    },
  );

  scope.post(
    '/users/@me/sudo/mfa/sms/send',
    {
      config: { fluxer: { bucket: buckets.sudoSms, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'send_sudo_sms_code',
        summary: 'Send sudo SMS code',
        security: [{ sessionToken: [] }],
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      await gate.challengeAgain({ session, method: 'sms-code', origin: contextOf(request).origin });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/sudo/webauthn/authentication-options',
    {
      config: { fluxer: { bucket: buckets.sudoPasskey, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'get_sudo_webauthn_options',
        summary: 'Get sudo WebAuthn options',
        security: [{ sessionToken: [] }],
        response: { 200: schemas.passkeyOptionsResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      const options = await gate.challengeAgain({ session, method: 'passkey', origin });
      return options as schemas.PasskeyOptions;
    },
  );

  scope.post(
    '/auth/sudo/verify',
    {
      config: { fluxer: { bucket: buckets.sudoVerify, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'verify_sudo',
        summary: 'Enter sudo mode',
        security: [{ sessionToken: [] }],
        body: schemas.proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await sudo.open(request, reply, request.body);
      return reply.code(204).send(null);
    },
  );
};
