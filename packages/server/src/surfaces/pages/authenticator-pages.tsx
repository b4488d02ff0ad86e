import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAuthError } from '../../core/errors.ts';
import {
  Alert,
  AuthenticatorSetUp,
  fieldOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  type Problems,
  problemsFrom,
  RecoveryCodesView,
} from '../../pages-kit/index.ts';
import type { Pending } from './pending.ts';
import { stepStrings } from './step-strings.ts';
import type { PageTools } from './surface.ts';

const SET_UP = '/login/authenticator';

type Begun = Extract<Pending, { owes: 'enrolment' }> & { secret: string };

/** Where every account must have a second factor, a sign-in without one sets it up before it goes on. */
export function authenticatorPages(scope: FastifyInstance, tools: PageTools): void {
  const { projectId, siteName, gate, secondFactors, pending, show, beginAgain } = tools;

  /** The sign-in with its secret, made at the first look and shown again at each other; null when it is over. */
  async function begun(
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<(Begun & { userId: string }) | null> {
    const waiting = pending.find(request, 'enrolment');
    const user = waiting && (await gate.enrolling({ projectId, surface: 'pages', ticket: waiting.ticket }));
    if (!waiting || !user || user.factors.length > 0) return null;
    const secret = waiting.secret ?? (await secondFactors.beginTotp(user.id));
    if (waiting.secret === null) pending.write(reply, { ...waiting, secret });
    return { ...waiting, secret, userId: user.id };
  }

  async function showSetUp(
    reply: FastifyReply,
    { secret, userId }: Begun & { userId: string },
    { problems = NO_PROBLEMS, status = 200 }: { problems?: Problems; status?: number } = {},
  ): Promise<FastifyReply> {
    const accountName = await tools.accountNameOf(userId);
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{stepStrings.authenticator.lead}</p>
        <AuthenticatorSetUp {...{ siteName, accountName, secret, problems }} action={SET_UP} />
      </>
    );
    return show(reply, { title: stepStrings.authenticator.title, content, status });
  }

  scope.get(SET_UP, async (request, reply) => {
    const waiting = await begun(request, reply);
    return waiting ? await showSetUp(reply, waiting) : beginAgain(request, reply, 'over');
  });

  scope.post(SET_UP, async (request, reply) => {
    const waiting = await begun(request, reply);
    if (!waiting) return beginAgain(request, reply, 'over');
    const code = fieldOf(request, 'code').trim();
    const problems = missingFields({ code });
    if (hasProblems(problems)) return await showSetUp(reply, waiting, { problems, status: 400 });
    try {
      const { ticket, secret, next } = waiting;
      const origin = tools.originOf(request);
      const asked = { projectId, surface: 'pages', ticket, secret, code, origin } as const;
      const { result, codes } = await secondFactors.enrolTotp(asked);
      if (result.state !== 'signed-in') return await tools.enter(request, reply, { result, next });
      await tools.admit(request, reply, result.session.token);
      const content = <RecoveryCodesView codes={codes.map((one) => one.code)} next={next} />;
      return show(reply, { title: stepStrings.recoveryCodes.title, content });
    } catch (error) {
      if (isAuthError(error, 'invalid-ticket')) return beginAgain(request, reply, 'over');
      return await showSetUp(reply, waiting, problemsFrom(error));
    }
  });
}
