import type { FastifyRequest } from 'fastify';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 4.4 and 4.5: my phone number, and codes by SMS as my second factor. */
export const phoneRoutes: FluxerRoutes = (scope, { phones }) => {
  scope.post(
    '/users/@me/phone/send-verification',
    {
      config: {
        fluxer: { bucket: buckets.phoneSend, needs: 'session', sudo: 'never', suspected: 'allowed' },
      },
      schema: {
        operationId: 'send_phone_verification_code',
        summary: 'Send a code to a number',
        security: [{ sessionToken: [] }],
        body: schemas.phoneSendVerificationRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await phones.sendVerification({ ...asking(request), phone: request.body.phone });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/phone/verify',
    {
      config: {
        fluxer: { bucket: buckets.phoneVerify, needs: 'session', sudo: 'never', suspected: 'allowed' },
      },
      schema: {
        operationId: 'verify_phone_code',
        summary: 'Give the code back for a token that adds the number',
        security: [{ sessionToken: [] }],
        body: schemas.phoneVerifyRequest,
        response: { 200: schemas.phoneVerifyResponse },
      },
    },
    async (request) => ({ phone_token: await phones.verify({ ...asking(request), ...request.body }) }),
  );

  scope.post(
    '/users/@me/phone',
    {
      config: {
        fluxer: { bucket: buckets.phoneAdd, needs: 'session', sudo: 'grants', suspected: 'allowed' },
      },
      schema: {
        operationId: 'add_phone_to_account',
        summary: 'Keep the number that was verified',
        security: [{ sessionToken: [] }],
        body: schemas.phoneAddRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await phones.add({ ...asking(request), token: request.body.phone_token });
      return reply.code(204).send(null);
    },
  );

  scope.delete(
    '/users/@me/phone',
    {
      config: { fluxer: { bucket: buckets.phoneRemove, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'remove_phone_from_account',
        summary: 'Forget my number',
        security: [{ sessionToken: [] }],
        body: schemas.proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await phones.remove(asking(request));
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/mfa/sms/enable',
    {
      config: { fluxer: { bucket: buckets.smsEnable, needs: 'session', sudo: 'asks' } },
      schema: {
        operationId: 'enable_sms_mfa',
        summary: 'Switch on codes by SMS as a second factor',
        security: [{ sessionToken: [] }],
        body: schemas.proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await phones.enableSms(asking(request));
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/mfa/sms/disable',
    {
      config: { fluxer: { bucket: buckets.smsDisable, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'disable_sms_mfa',
        summary: 'Switch off codes by SMS',
        security: [{ sessionToken: [] }],
        body: schemas.proofRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await phones.disableSms(asking(request));
      return reply.code(204).send(null);
    },
  );

  function asking(request: FastifyRequest) {
    return { session: identityOf(request).session, origin: contextOf(request).origin };
  }
};
