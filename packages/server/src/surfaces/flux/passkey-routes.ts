import type { FastifyRequest } from 'fastify';
import type { Project } from '../../core/project/index.ts';
import { originOf } from '../../http/index.ts';
import { answers, FluxError } from './errors.ts';
import * as schemas from './passkey-schemas.ts';
import { presentPasskey } from './present.ts';
import { callerOf, sessionOf } from './rules.ts';
import { emptyResponse, verifiedResponse } from './schemas.ts';
import type { FluxRoutes } from './surface.ts';

const NAME = 'Passkey';

/** Passkeys of a project's users: made while signed in, and enough alone from then on (FX-20, FX-21). */
export const passkeyRoutes: FluxRoutes = (scope, deps) => {
  const { gate, passkeys, sessions, proxies } = deps;
  const { signedIn, hand } = deps.sessionAnswers;
  const asPage = { flux: { needs: 'publishable-key' } } as const;
  const mayOwe = { flux: { needs: 'any-key', session: true, owed: 'may' } } as const;
  // Whoever has a passkey owes one to a session that has shown none: a password alone takes none away (FX-53).
  const mayNotOwe = { flux: { needs: 'any-key', session: true, owed: 'refused' } } as const;
  const setsUp = { flux: { ...mayNotOwe.flux, setsUp: true } } as const;

  /** The project, if its people sign in by passkey now (FX-04). */
  function projectWithPasskeys(request: FastifyRequest): Project {
    const { project } = callerOf(request);
    if (!project.settings.methods.passkey) throw new FluxError(answers.methodDisabled);
    return project;
  }

  /** The session as it is after a factor was shown in it, and a token that says so. */
  async function stillIn(request: FastifyRequest) {
    const session = await sessions.findById(sessionOf(request).id, 'flux');
    if (!session) throw new FluxError(answers.sessionRevoked);
    return await hand(session, callerOf(request).project);
  }

  function asking(request: FastifyRequest) {
    return { session: sessionOf(request), origin: originOf(request, proxies) };
  }

  scope.post(
    '/passkeys/authenticate/start',
    {
      config: asPage,
      schema: {
        operationId: 'flux_passkey_authenticate_start',
        summary: 'What a browser needs to sign somebody in by a passkey; nobody is named',
        response: { 200: schemas.requestOptionsResponse },
      },
    },
    async (request) => {
      const { id: projectId } = projectWithPasskeys(request);
      const origin = originOf(request, proxies);
      return schemas.requestOptionsResponse.parse({
        options: await gate.beginSignIn({ projectId, method: 'passkey', origin }),
      });
    },
  );

  scope.post(
    '/passkeys/authenticate/finish',
    {
      config: asPage,
      schema: {
        operationId: 'flux_passkey_authenticate_finish',
        summary: 'Sign in by what the passkey has signed',
        body: schemas.assertionRequest,
        response: { 200: verifiedResponse },
      },
    },
    async (request) => {
      const project = projectWithPasskeys(request);
      const { response } = request.body;
      const result = await gate.signIn({
        projectId: project.id,
        surface: 'flux',
        method: 'passkey',
        proof: { response },
        identifier: null,
        origin: originOf(request, proxies),
      });
      return await signedIn(result, project);
    },
  );

  scope.post(
    '/passkeys/register/start',
    {
      config: setsUp,
      schema: {
        operationId: 'flux_passkey_register_start',
        summary: 'What a browser needs to make a passkey',
        response: { 200: schemas.creationOptionsResponse },
      },
    },
    async (request) => {
      projectWithPasskeys(request);
      const session = sessionOf(request);
      return { options: await passkeys.begin(session, session.email?.address) };
    },
  );

  scope.post(
    '/passkeys/register/finish',
    {
      config: setsUp,
      schema: {
        operationId: 'flux_passkey_register_finish',
        summary: 'Keep the passkey that the browser made',
        body: schemas.registrationRequest,
        response: { 200: schemas.registeredResponse },
      },
    },
    async (request) => {
      projectWithPasskeys(request);
      const { response, name = NAME } = request.body;
      const asked = { ...asking(request), challenge: null, response, name, marks: true };
      const made = await passkeys.register(asked);
      return { passkey: presentPasskey(made), ...(await stillIn(request)) };
    },
  );

  scope.post(
    '/mfa/passkey/start',
    {
      config: mayOwe,
      schema: {
        operationId: 'flux_mfa_passkey_start',
        summary: 'What a browser needs to show a passkey of the signed-in user as a second factor',
        response: { 200: schemas.requestOptionsResponse },
      },
    },
    async (request) =>
      schemas.requestOptionsResponse.parse({
        options: await gate.challengeStepUp({ ...asking(request), method: 'passkey' }),
      }),
  );

  scope.post(
    '/mfa/passkey/finish',
    {
      config: mayOwe,
      schema: {
        operationId: 'flux_mfa_passkey_finish',
        summary: 'Show a second factor by what the passkey has signed; the session is the same',
        body: schemas.assertionRequest,
        response: { 200: verifiedResponse },
      },
    },
    async (request) => {
      const { response } = request.body;
      await gate.stepUp({ ...asking(request), method: 'passkey', proof: { response } });
      return await stillIn(request);
    },
  );

  scope.get(
    '/passkeys',
    {
      config: mayOwe,
      schema: {
        operationId: 'flux_passkeys',
        summary: "The signed-in user's passkeys",
        response: { 200: schemas.passkeyListResponse },
      },
    },
    async (request) => {
      const listed = await passkeys.list(sessionOf(request).userId);
      return { passkeys: listed.map(presentPasskey) };
    },
  );

  scope.patch(
    '/passkeys/:id',
    {
      config: mayNotOwe,
      schema: {
        operationId: 'flux_rename_passkey',
        summary: 'Give a passkey another name',
        params: schemas.passkeyParams,
        body: schemas.renameRequest,
        response: { 200: schemas.passkeyResponse },
      },
    },
    async (request) => {
      const { id: credentialId } = request.params;
      await passkeys.rename({ ...asking(request), credentialId, name: request.body.name });
      const listed = await passkeys.list(sessionOf(request).userId);
      const renamed = listed.find((one) => one.credentialId === credentialId);
      if (!renamed) throw new FluxError(answers.notFound);
      return { passkey: presentPasskey(renamed) };
    },
  );

  scope.delete(
    '/passkeys/:id',
    {
      config: mayNotOwe,
      schema: {
        operationId: 'flux_delete_passkey',
        summary: 'Take a passkey away',
        params: schemas.passkeyParams,
        response: { 200: emptyResponse },
      },
    },
    async (request) => {
      const { id: credentialId } = request.params;
      await passkeys.remove({ ...asking(request), credentialId });
      return {};
    },
  );
};
