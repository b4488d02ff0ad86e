import type { FastifyRequest } from 'fastify';
import { AuthError, isAuthError } from '../../core/errors.ts';
import {
  MAX_IDENTIFIER,
  MAX_PASSWORD_UNITS,
  type MethodId,
  type SignInResult,
} from '../../core/sign-in/index.ts';
import { originOf } from '../../http/index.ts';
import { buckets } from './buckets.ts';
import { answers, FlectoError } from './errors.ts';
import { methodByCode } from './login-answers.ts';
import * as schemas from './schemas.ts';
import { EMPTY, type FlectoRoutes } from './surface.ts';

/** Contract A3: log in, and the second step where one is owed. */
export const loginRoutes: FlectoRoutes = (scope, deps) => {
  const { gate, phones, projectId, proxies, logins } = deps;
  const rules = { asks: 'nobody', bucket: buckets.login, failure: 'Authentication failed' } as const;
  const ofTicket = (request: FastifyRequest, ticket: string, method: MethodId) =>
    ({ projectId, surface: 'flecto', ticket, method, origin: originOf(request, proxies) }) as const;

  async function byPassword(
    request: FastifyRequest,
    { username, password }: { username: string; password: string },
  ): Promise<SignInResult> {
    try {
      return await gate.signIn({
        projectId,
        surface: 'flecto',
        method: 'password',
        proof: { identifier: username, password },
        identifier: username,
        origin: originOf(request, proxies),
      });
    } catch (error) {
      // Contract A16: where there is no password to be wrong, the client is told to come another way. After the
      // counters and the hash, so that neither is saved: what is too long met neither.
      const wasJudged = username.length <= MAX_IDENTIFIER && password.length <= MAX_PASSWORD_UNITS;
      if (isAuthError(error, 'invalid-credentials') && wasJudged && (await deps.isWithoutPassword(username)))
        throw new FlectoError(answers.userNotExist);
      throw error;
    }
  }

  async function sendCode(request: FastifyRequest, ticket: string): Promise<void> {
    try {
      await gate.challenge(ofTicket(request, ticket, 'sms-code'));
    } catch (error) {
      // Core has one word for both, which is Fluxer's; here nobody is told of the account what is true of the server.
      if (isAuthError(error, 'sms-not-enabled') && !phones.areCodesSent)
        throw new AuthError('sms-unavailable');
      throw error;
    }
  }

  scope.post(
    '/login',
    {
      config: { flecto: rules },
      schema: {
        operationId: 'flecto_login',
        summary: 'Log in by password',
        body: schemas.loginRequest,
        response: { 200: schemas.loginResponse },
      },
    },
    async (request) => logins.answer(await byPassword(request, request.body)),
  );

  scope.post(
    '/login/mfa',
    {
      config: { flecto: rules },
      schema: {
        operationId: 'flecto_login_mfa',
        summary: 'Log in: the second factor',
        body: schemas.mfaRequest,
        response: { 200: schemas.loginResponse },
      },
    },
    async (request) => {
      const { ticket, method: name, code } = request.body;
      const asked = ofTicket(request, ticket, methodByCode(name));
      return await logins.answer(await gate.prove({ ...asked, proof: { code } }));
    },
  );

  scope.post(
    '/login/mfa/send',
    {
      config: { flecto: rules },
      schema: {
        operationId: 'flecto_login_mfa_send',
        summary: 'Log in: have the code sent by SMS',
        body: schemas.mfaSendRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      await sendCode(request, request.body.ticket);
      return reply.code(204).send(null);
    },
  );
};
