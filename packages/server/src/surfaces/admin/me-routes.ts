import type { z } from 'zod';
import type { MethodId } from '../../core/sign-in/index.ts';
import { originOf } from '../../http/index.ts';
import { presentPermissions } from './access-present.ts';
import { presentUser } from './present.ts';
import * as schemas from './schemas.ts';
import { type AdminDependencies, type AdminScope, actorOf, EMPTY, sessionOf } from './surface.ts';

/** The administrator's own session. */
export function meRoutes(scope: AdminScope, deps: AdminDependencies): void {
  scope.get(
    '/me',
    {
      // Whoever may administer anything finds out here what.
      config: { adminNeeds: (held) => held.admin.length > 0 },
      schema: {
        operationId: 'admin_me',
        summary: 'Who am I, and what may I',
        response: { 200: schemas.meResponse },
      },
    },
    async (request) => {
      const { session, held } = sessionOf(request);
      const until = session.elevatedUntil;
      const { admin, resources } = presentPermissions(held);
      return {
        user: presentUser(await deps.dossierOf(session.userId)),
        permissions: admin,
        resources,
        elevated_until: until !== null && until > deps.clock() ? new Date(until).toISOString() : null,
        sudo_methods: deps.gate.provesAgain(session),
      };
    },
  );

  scope.post(
    '/sudo',
    {
      config: { adminNeeds: 'session' },
      schema: {
        operationId: 'admin_sudo',
        summary: 'Prove again that it is you, for 15 minutes',
        body: schemas.sudoRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = sessionOf(request);
      const origin = originOf(request, deps.proxies);
      const elevated = await deps.gate.elevate({ session, ...proofOf(request.body), origin });
      deps.cookie.write(reply, elevated.token);
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/sudo/challenge',
    {
      config: { adminNeeds: 'session' },
      schema: {
        operationId: 'admin_sudo_challenge',
        summary: 'Send a code by SMS, or get what a passkey has to sign',
        body: schemas.sudoChallengeRequest,
        response: { 200: schemas.sudoChallengeResponse },
      },
    },
    async (request) => {
      const { session } = sessionOf(request);
      const { method } = request.body;
      const origin = originOf(request, deps.proxies);
      const options = await deps.gate.challengeAgain({ session, method, origin });
      return { options: method === 'passkey' ? (options as Record<string, unknown>) : null };
    },
  );

  scope.post(
    '/logout',
    {
      config: { adminNeeds: 'session' },
      schema: { operationId: 'admin_logout', summary: 'Sign out', response: { 204: EMPTY } },
    },
    async (request, reply) => {
      await deps.sessions.end(sessionOf(request).session, actorOf(request, deps.proxies));
      deps.cookie.clear(reply);
      return reply.code(204).send(null);
    },
  );
}

/** A proof as the gate takes it. */
function proofOf(body: z.output<typeof schemas.sudoRequest>): { method: MethodId; proof: unknown } {
  if ('password' in body) return { method: 'password', proof: { password: body.password } };
  const { method, ...proof } = body;
  return { method, proof };
}
