import type { FastifyReply } from 'fastify';
import { AuthError } from '../../core/errors.ts';
import { deriveUsername } from '../../core/profile/index.ts';
import type { SignInResult } from '../../core/sign-in/index.ts';
import { buckets } from './buckets.ts';
import { contextOf } from './context.ts';
import { answers, FluxerError } from './errors.ts';
import { presentOwedProof, presentToken } from './present.ts';
import * as schemas from './schemas.ts';
import type { FluxerDependencies, FluxerRoutes } from './surface.ts';

/** Operations 1, 2 and 21: register, log in, suggest a username. */
export const signInRoutes: FluxerRoutes = (scope, deps) => {
  const { registration, gate, projectId } = deps;

  scope.post(
    '/auth/register',
    {
      config: {
        fluxer: { bucket: buckets.register, needs: 'nothing', setsCookie: true, captcha: 'register' },
      },
      schema: {
        operationId: 'register_account',
        summary: 'Register account',
        body: schemas.registerRequest,
        response: { 200: schemas.loginResponse },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const result = await registration.register({
        projectId,
        surface: 'fluxer',
        email: body.email ?? null,
        password: body.password ?? null,
        username: body.username ?? null,
        globalName: body.global_name ?? null,
        dateOfBirth: body.date_of_birth,
        consent: body.consent,
        origin: contextOf(request).origin,
      });
      return await answerSignIn(result, reply, deps);
    },
  );

  scope.post(
    '/auth/login',
    {
      config: { fluxer: { bucket: buckets.login, needs: 'nothing', setsCookie: true, captcha: 'login' } },
      schema: {
        operationId: 'login_user',
        summary: 'Login account',
        body: schemas.loginRequest,
        response: { 200: schemas.loginResponse },
      },
    },
    async (request, reply) => {
      const { email, login, password } = request.body;
      const identifier = email ?? login ?? '';
      const result = await gate.signIn({
        projectId,
        surface: 'fluxer',
        method: 'password',
        proof: { identifier, password },
        identifier,
        origin: contextOf(request).origin,
      });
      return await answerSignIn(result, reply, deps);
    },
  );

  scope.post(
    '/auth/username-suggestions',
    {
      config: { fluxer: { bucket: buckets.register, needs: 'nothing' } },
      schema: {
        operationId: 'get_username_suggestions',
        summary: 'Get username suggestions',
        body: schemas.usernameSuggestionsRequest,
        response: { 200: schemas.usernameSuggestionsResponse },
      },
    },
    async (request) => {
      const derived = deriveUsername(request.body.global_name);
      return { suggestions: derived === null ? [] : [derived] };
    },
  );
};

/** What a sign-in has come to, as contract 1.1 and 1.3 tell it: token and cookie, a ticket, or what is still to be done. */
export async function answerSignIn(result: SignInResult, reply: FastifyReply, deps: AnswerDependencies) {
  if (result.state === 'needs-proof') return presentOwedProof(result, await deps.phoneOf(result.user.id));
  return answerShown(result, reply, deps);
}

/** The same of a sign-in that showed a second factor, or a passkey alone: the policy asks for no other then (contract 1.4). */
export function answerShown(
  result: SignInResult,
  reply: FastifyReply,
  { cookie, cookieEnabled }: AnswerDependencies,
) {
  switch (result.state) {
    case 'signed-in':
      if (cookieEnabled) cookie.write(reply, result.session.token);
      return presentToken(result.session.token, result.user.profile);
    case 'needs-proof':
      throw new Error('A second factor was shown, and another is asked for.');
    case 'needs-enrolment':
      throw new AuthError('enrolment-required');
    case 'needs-approval':
      throw new FluxerError(answers.newPlace(result.ticket, result.email));
  }
}

type AnswerDependencies = Pick<FluxerDependencies, 'cookie' | 'cookieEnabled' | 'phoneOf'>;
