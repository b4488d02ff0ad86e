import type { FastifyInstance } from 'fastify';
import { isAllowed, type Permissions } from '../../core/access/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import { type Caller, type CredentialDependencies, createCallerFinder } from './credentials.ts';
import { answerError, answers, ForwardAuthError } from './errors.ts';
import { presentCaller } from './present.ts';
import { createQuestionReader } from './question.ts';
import { refusalSchema } from './schemas.ts';

interface ForwardAuthDependencies extends CredentialDependencies {
  /** What a session's user holds now. */
  permissionsOf(session: LiveSession): Promise<Permissions>;
  requireSecondFactor: boolean;
  requireVerifiedEmail: boolean;
  /** Flux's API makes sessions before all is shown, and marks what is owed (design section 4). */
  owesFactor(session: LiveSession): Promise<boolean>;
  /** And it asks nobody about new places. */
  isFromStrangePlace(session: LiveSession): Promise<boolean>;
  /** A login name is an administrator's gift: who has one is somebody without a mailbox, too. */
  hasLoginName(userId: string): Promise<boolean>;
}

export async function forwardAuthSurface(app: FastifyInstance, deps: ForwardAuthDependencies): Promise<void> {
  const findCaller = createCallerFinder(deps);
  const readQuestion = createQuestionReader();

  /** What the account owes before anything is open to it; a session alone does not pay it. */
  async function assertNothingOwed(session: LiveSession): Promise<void> {
    const { userId, suspicion, factors, isFactorDemanded, email, upstreamRoles } = session;
    if (suspicion !== 0) throw new ForwardAuthError(answers.suspected);
    if ((deps.requireSecondFactor || isFactorDemanded) && factors.length === 0)
      throw new ForwardAuthError(answers.withoutFactor);
    if (session.surface === 'flux') {
      if (await deps.owesFactor(session)) throw new ForwardAuthError(answers.owesFactor);
      if (await deps.isFromStrangePlace(session)) throw new ForwardAuthError(answers.strangePlace);
    }
    // An account without any address yet shows no more than one with another's.
    if (!deps.requireVerifiedEmail || email?.verified) return;
    // As at the gate, whom a provider vouches for needs no mailbox either.
    if (upstreamRoles === null && !(await deps.hasLoginName(userId)))
      throw new ForwardAuthError(answers.unverified);
  }

  async function heldBy(caller: Caller): Promise<Permissions> {
    return caller.kind === 'token' ? caller.token.permissions : await deps.permissionsOf(caller.session);
  }

  await app.register(async (scope) => {
    scope.setErrorHandler(answerError);
    scope.get(
      '/auth/verify',
      {
        schema: {
          tags: ['forward-auth'],
          operationId: 'forward_auth_verify',
          summary: 'Whether a proxy may let a request through',
          description:
            'With one permission in the query, `namespace`, `project`, `resource` and `action` or `section` and `action`: who holds it. ' +
            'Without a query: anybody with a live session or API token. The answer has no body; its `X-Auth-…` headers say who asks.',
          security: [{ sessionToken: [] }, { flectoBearer: [] }, { pagesCookie: [] }],
          response: { '4xx': refusalSchema, '5xx': refusalSchema },
        },
      },
      async (request, reply) => {
        const question = readQuestion(request.url);
        const caller = await findCaller(request);
        if (caller.kind === 'user') await assertNothingOwed(caller.session);
        if (question && !isAllowed(await heldBy(caller), question))
          throw new ForwardAuthError(answers.notAllowed);
        return reply.headers(presentCaller(caller)).send();
      },
    );
  });
}
