import type { FastifyRequest } from 'fastify';
import { AuthError } from '../../core/errors.ts';
import type { Project } from '../../core/project/index.ts';
import { originOf } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import { linkTargetIn } from './link-target.ts';
import { callerOf, sessionOf } from './rules.ts';
import * as schemas from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

/** A forgotten password (FX-14), another password, and the proof of an address. */
export const mailRoutes: FluxRoutes = (scope, deps) => {
  const { contacts, demandCaptcha, gate, recovery, sessions, proxies } = deps;
  const { hand, signedIn } = deps.sessionAnswers;
  const page = { flux: { needs: 'publishable-key' } } as const;

  /** The project, if it lets people sign in by password now (FX-04). */
  function projectWithPasswords(request: FastifyRequest): Project {
    const { project } = callerOf(request);
    if (!project.settings.methods.password) throw new FluxError(answers.methodDisabled);
    return project;
  }

  scope.post(
    '/password_reset/start',
    {
      config: page,
      schema: {
        operationId: 'flux_start_password_reset',
        summary: 'Have a link mailed for a new password, if the address has an account',
        body: schemas.mailRequest,
        response: { 200: schemas.emptyResponse },
      },
    },
    async (request) => {
      const project = projectWithPasswords(request);
      const { email, redirect_url, captcha_token } = request.body;
      const linkTo = linkTargetIn(project, redirect_url);
      await demandCaptcha(project, 'forgot', captcha_token);
      const origin = originOf(request, proxies);
      await recovery.request({ projectId: project.id, surface: 'flux', email, linkTo, origin });
      return {};
    },
  );

  scope.post(
    '/password_reset/finish',
    {
      config: page,
      schema: {
        operationId: 'flux_finish_password_reset',
        summary: 'Choose a new password by a mailed token; ends every other session of the user',
        body: schemas.resetRequest,
        response: { 200: schemas.verifiedResponse },
      },
    },
    async (request) => {
      const project = projectWithPasswords(request);
      const { token, password } = request.body;
      const origin = originOf(request, proxies);
      const result = await recovery.complete({
        ...{ projectId: project.id, surface: 'flux', token, password, origin },
      });
      return await signedIn(result, project);
    },
  );

  scope.post(
    '/password/change',
    {
      config: { flux: { needs: 'any-key', session: true, owed: 'refused' } },
      schema: {
        operationId: 'flux_change_password',
        summary: 'Another password, by the present one; the session is renewed and all others end',
        body: schemas.passwordChangeRequest,
        response: { 200: schemas.verifiedResponse },
      },
    },
    async (request) => {
      const project = projectWithPasswords(request);
      const session = sessionOf(request);
      const { current_password: password, new_password: newPassword } = request.body;
      const origin = originOf(request, proxies);
      if (session.passwordChangedAt === null) throw new AuthError('invalid-credentials');
      await gate.provePassword({ session, password, origin });
      const together = async () => undefined;
      const issued = await recovery.changePassword({ session, newPassword, origin, together });
      const renewed = issued && (await sessions.findById(issued.id, 'flux'));
      if (!renewed) throw new FluxError(answers.sessionRevoked);
      return await hand(renewed, project);
    },
  );

  scope.post(
    '/email_verification/start',
    {
      config: { flux: { needs: 'any-key', session: true, owed: 'may' } },
      schema: {
        operationId: 'flux_start_email_verification',
        summary: "Have a link mailed that proves the user's address",
        body: schemas.verificationRequest,
        response: { 200: schemas.emptyResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const { userId, suspicion } = sessionOf(request);
      const linkTo = linkTargetIn(project, request.body.redirect_url);
      await contacts.resendVerification({ projectId: project.id, userId, suspicion, linkTo });
      return {};
    },
  );

  scope.post(
    '/email_verification/finish',
    {
      config: page,
      schema: {
        operationId: 'flux_finish_email_verification',
        summary: 'Prove an address by a mailed token',
        body: schemas.mailedTokenRequest,
        response: { 200: schemas.emptyResponse },
      },
    },
    async (request) => {
      const { project } = callerOf(request);
      const origin = originOf(request, proxies);
      await contacts.verify({ projectId: project.id, token: request.body.token, origin });
      return {};
    },
  );
};
