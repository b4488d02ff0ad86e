import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthError, isAuthError } from '../../core/errors.ts';
import type { MethodId } from '../../core/sign-in/index.ts';
import { buckets } from './buckets.ts';
import { contextOf } from './context.ts';
import { invalidItems } from './errors.ts';
import * as schemas from './schemas.ts';
import { answerShown } from './sign-in-routes.ts';
import { codeProof } from './sudo.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Operations 3 to 9: the second proof of a sign-in, and signing in with a passkey alone; under seed 000's paths too. */
export const secondFactorRoutes: FluxerRoutes = (scope, deps) => {
  const { gate, projectId } = deps;
  const ofTicket = (request: FastifyRequest, ticket: string, method: MethodId) =>
    ({ projectId, surface: 'fluxer', ticket, method, origin: contextOf(request).origin }) as const;

  async function prove(
    request: FastifyRequest,
    reply: FastifyReply,
    { ticket, method, proof }: { ticket: string; method: MethodId; proof: unknown },
  ) {
    const result = await gate.prove({ ...ofTicket(request, ticket, method), proof });
    return answerShown(result, reply, deps);
  }

  const mfa = { bucket: buckets.loginMfa, needs: 'nothing' } as const;

  for (const [url, operationId] of [
    ['/auth/login/mfa/totp', 'login_with_totp'],
    ['/auth/mfa/totp', 'login_with_totp_by_seed_path'],
  ] as const) {
    scope.post(
      url,
      {
        config: { fluxer: { ...mfa, setsCookie: true } },
        schema: {
          operationId,
          summary: 'Login with TOTP',
          body: schemas.mfaTotpRequest,
          response: { 200: schemas.tokenResponse },
        },
      },
      async (request, reply) => {
        const { code, ticket } = request.body;
        return await prove(request, reply, { ticket, ...codeProof(code) });
      },
    );
  }

  for (const [url, operationId] of [
    ['/auth/login/mfa/sms/send', 'send_sms_mfa_code'],
    ['/auth/mfa/sms/send', 'send_sms_mfa_code_by_seed_path'],
  ] as const) {
    scope.post(
      url,
      {
        config: { fluxer: mfa },
        schema: {
          operationId,
          summary: 'Send SMS MFA code',
          body: schemas.mfaTicketRequest,
          response: { 204: EMPTY },
        },
      },
      async (request, reply) => {
        await gate.challenge(ofTicket(request, request.body.ticket, 'sms-code')).catch((error: unknown) => {
          // Only the ticket was sent, and no code that could be wrong.
          throw isAuthError(error, 'invalid-ticket') ? invalidItems('SESSION_TIMEOUT', 'ticket') : error;
        });
        return reply.code(204).send(null);
      },
    );
  }

  for (const [url, operationId] of [
    ['/auth/login/mfa/sms', 'login_with_sms_mfa'],
    ['/auth/mfa/sms', 'login_with_sms_mfa_by_seed_path'],
  ] as const) {
    scope.post(
      url,
      {
        config: { fluxer: { ...mfa, setsCookie: true } },
        schema: {
          operationId,
          summary: 'Login with SMS MFA',
          body: schemas.mfaSmsRequest,
          response: { 200: schemas.tokenResponse },
        },
      },
      async (request, reply) => {
        const { code, ticket } = request.body;
        return await prove(request, reply, { ticket, method: 'sms-code', proof: { code } });
      },
    );
  }

  scope.post(
    '/auth/login/mfa/webauthn/authentication-options',
    {
      config: { fluxer: mfa },
      schema: {
        operationId: 'get_webauthn_mfa_options',
        summary: 'Get WebAuthn MFA options',
        body: schemas.mfaTicketRequest,
        response: { 200: schemas.passkeyOptionsResponse },
      },
    },
    async (request) =>
      (await gate.challenge(ofTicket(request, request.body.ticket, 'passkey'))) as schemas.PasskeyOptions,
  );

  for (const [url, operationId] of [
    ['/auth/login/mfa/webauthn', 'login_with_webauthn_mfa'],
    ['/auth/mfa/webauthn', 'login_with_webauthn_mfa_by_seed_path'],
  ] as const) {
    scope.post(
      url,
      {
        config: { fluxer: { ...mfa, setsCookie: true } },
        schema: {
          operationId,
          summary: 'Login with WebAuthn MFA',
          body: schemas.webAuthnMfaRequest,
          response: { 200: schemas.tokenResponse },
        },
      },
      async (request, reply) => {
        const { ticket } = request.body;
        const given = { ticket, method: 'passkey', proof: passkeyProof(request.body) } as const;
        return await prove(request, reply, given).catch((error: unknown) => {
          // A passkey shown for an account that has none is one more that was not accepted (contract 1.4).
          throw isAuthError(error, 'factor-not-enrolled') ? new AuthError('wrong-passkey') : error;
        });
      },
    );
  }

  for (const [url, operationId] of [
    ['/auth/webauthn/authentication-options', 'get_webauthn_authentication_options'],
    ['/auth/webauthn/authenticate/options', 'get_webauthn_authentication_options_by_seed_path'],
  ] as const) {
    scope.post(
      url,
      {
        config: { fluxer: { bucket: buckets.passkeySignInOptions, needs: 'nothing' } },
        schema: {
          operationId,
          summary: 'Get WebAuthn authentication options',
          response: { 200: schemas.passkeyOptionsResponse },
        },
      },
      async (request) => {
        const { origin } = contextOf(request);
        return (await gate.beginSignIn({ projectId, method: 'passkey', origin })) as schemas.PasskeyOptions;
      },
    );
  }

  scope.post(
    '/auth/webauthn/authenticate',
    {
      config: { fluxer: { bucket: buckets.passkeySignIn, needs: 'nothing', setsCookie: true } },
      schema: {
        operationId: 'authenticate_with_webauthn',
        summary: 'Authenticate with WebAuthn',
        body: schemas.webAuthnAuthenticateRequest,
        response: { 200: schemas.tokenResponse },
      },
    },
    async (request, reply) => {
      const result = await gate.signIn({
        projectId,
        surface: 'fluxer',
        method: 'passkey',
        proof: passkeyProof(request.body),
        identifier: null,
        origin: contextOf(request).origin,
      });
      return answerShown(result, reply, deps);
    },
  );
};

interface PasskeyFields {
  response?: unknown;
  credential?: unknown;
  challenge?: string | null | undefined;
}

/** Without a challenge the one that was signed is looked up (seed 000). */
function passkeyProof({ response, credential, challenge }: PasskeyFields) {
  return { response: response ?? credential, ...(challenge != null && { challenge }) };
}
