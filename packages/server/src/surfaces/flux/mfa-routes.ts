import type { FastifyRequest } from 'fastify';
import type { Project } from '../../core/project/index.ts';
import type { FactorType } from '../../core/session-factor/index.ts';
import { originOf } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import * as schemas from './mfa-schemas.ts';
import { presentChallenge, presentFactor, presentSecret } from './present-mfa.ts';
import { callerOf, sessionOf } from './rules.ts';
import { emptyResponse } from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** Second factors of whoever is signed in (FX-40 to FX-42, FX-49 to FX-53). */
export const mfaRoutes: FluxRoutes = (scope, deps) => {
  const { sessionFactors, secondFactors, gate, proxies } = deps;
  const { handAnew } = deps.sessionAnswers;
  const acting = { needs: 'any-key', session: true } as const;
  const asking = (request: FastifyRequest) => ({
    session: sessionOf(request),
    origin: originOf(request, proxies),
  });

  function requireAllowed(project: Project, type: FactorType): void {
    if (!sessionFactors.typesOf(project).includes(type)) throw new FluxError(answers.factorSwitchedOff);
  }

  scope.get(
    '/mfa/factors',
    {
      config: { flux: { ...acting, owed: 'may' } },
      schema: {
        operationId: 'flux_list_factors',
        summary: 'The second factors of the signed-in user',
        response: { 200: schemas.factorsResponse },
      },
    },
    async (request) => {
      const session = sessionOf(request);
      const factors = await sessionFactors.list(session);
      const left = await secondFactors.recoveryCodesLeft(session.userId);
      return { factors: factors.map(presentFactor), recovery_codes_left: left };
    },
  );

  scope.post(
    '/mfa/factors',
    {
      config: { flux: { ...acting, owed: 'may-set-up-first', setsUp: true } },
      schema: {
        operationId: 'flux_enrol_factor',
        summary: 'Begin to set up a second factor; the code of its first challenge turns it on',
        body: schemas.enrolRequest,
        response: { 200: schemas.enrolResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { body } = request;
      requireAllowed(project, body.type);
      if (body.type === 'sms') {
        const { factor, challenge } = await sessionFactors.beginSms({
          ...asking(request),
          phone: body.phone,
        });
        return { factor: presentFactor(factor), challenge: presentChallenge(challenge) };
      }
      const { factor, secret } = await sessionFactors.beginTotp(asking(request));
      const { email, profile } = sessionOf(request);
      const accountName = email?.address ?? profile.username;
      return {
        factor: presentFactor(factor),
        totp: presentSecret({ siteName: project.name, accountName, secret }),
      };
    },
  );

  scope.post(
    '/mfa/factors/:id/challenge',
    {
      config: { flux: { ...acting, owed: 'may', setsUp: true } },
      schema: {
        operationId: 'flux_challenge_factor',
        summary: 'Ask for a code of a factor; sends it where the factor is a telephone',
        params: schemas.factorParams,
        response: { 200: schemas.challengeResponse },
      },
    },
    async (request) => {
      const challenge = await sessionFactors.challenge({ ...asking(request), factorId: request.params.id });
      return { challenge: presentChallenge(challenge) };
    },
  );

  scope.post(
    '/mfa/challenges/:id/verify',
    {
      config: { flux: { ...acting, owed: 'may', setsUp: true } },
      schema: {
        operationId: 'flux_verify_challenge',
        summary: 'Show the code; the same session has shown a second factor from then on',
        params: schemas.factorParams,
        body: schemas.codeRequest,
        response: { 200: schemas.provedResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { recoveryCodes } = await sessionFactors.verify({
        ...asking(request),
        challengeId: request.params.id,
        code: request.body.code,
        allowed: sessionFactors.typesOf(project),
      });
      const signedIn = await handAnew(sessionOf(request), project);
      return { ...signedIn, ...(recoveryCodes && { recovery_codes: recoveryCodes }) };
    },
  );

  scope.delete(
    '/mfa/factors/:id',
    {
      config: { flux: { ...acting, owed: 'refused' } },
      schema: {
        operationId: 'flux_remove_factor',
        summary: 'Take a factor away',
        params: schemas.factorParams,
        response: { 200: emptyResponse },
      },
    },
    async (request) => {
      await sessionFactors.remove({ ...asking(request), factorId: request.params.id });
      return {};
    },
  );

  scope.post(
    '/mfa/recovery',
    {
      config: { flux: { ...acting, owed: 'may' } },
      schema: {
        operationId: 'flux_recover',
        summary: 'Show a recovery code in place of a factor',
        body: schemas.codeRequest,
        response: { 200: schemas.provedResponse },
      },
    },
    async (request) => {
      const { code } = request.body;
      await gate.stepUp({ ...asking(request), method: 'recovery-code', proof: { code } });
      return await handAnew(sessionOf(request), callerOf(request).project);
    },
  );

  scope.post(
    '/mfa/recovery_codes',
    {
      config: { flux: { ...acting, owed: 'refused' } },
      schema: {
        operationId: 'flux_renew_recovery_codes',
        summary: 'Ten other recovery codes; the earlier ones are void',
        response: { 200: schemas.recoveryCodesResponse },
      },
    },
    async (request) => {
      if (!sessionOf(request).isMultiFactor) throw new FluxError(answers.mfaRequired);
      const codes = await secondFactors.renewRecoveryCodes(asking(request));
      return { recovery_codes: codes.map(({ code }) => code) };
    },
  );
};
