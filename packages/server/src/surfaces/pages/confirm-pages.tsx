import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAuthError } from '../../core/errors.ts';
import type { MethodId } from '../../core/sign-in/index.ts';
import {
  Alert,
  givenIn,
  NO_PROBLEMS,
  PASSKEY_OPTIONS,
  type Problems,
  ProofForms,
  problemsFrom,
} from '../../pages-kit/index.ts';
import type { Pending } from './pending.ts';
import { stepStrings } from './step-strings.ts';
import type { PageTools } from './surface.ts';

const text = stepStrings.confirm;
const PATHS = {
  prove: '/login/confirm',
  sendSms: '/login/confirm/sms',
  passkeyOptions: '/login/confirm/passkey-options',
};

type Waiting = Extract<Pending, { owes: 'proof' }>;

interface Shown {
  waiting: Waiting;
  problems?: Problems;
  status?: number;
  isSmsSent?: boolean;
}

/** The second proof of a sign-in. The ticket is in this browser's cookie; what is wrong costs one of its tries. */
export function confirmPages(scope: FastifyInstance, tools: PageTools): void {
  const { projectId, gate, pending, show, enter, beginAgain } = tools;

  function showConfirm(
    reply: FastifyReply,
    { waiting, problems = NO_PROBLEMS, status = 200, isSmsSent = false }: Shown,
  ): FastifyReply {
    const { methods, phoneHint } = waiting;
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        <ProofForms {...{ methods, phoneHint, isSmsSent, problems }} paths={PATHS} />
        <div class="below">
          <p>
            {text.another} <a href="/login">{text.anotherLink}</a>
          </p>
        </div>
      </>
    );
    return show(reply, { title: text.title, content, status, scripts: ['passkey'] });
  }

  function asked(request: FastifyRequest, { ticket }: Waiting, method: MethodId) {
    return { projectId, surface: 'pages', ticket, method, origin: tools.originOf(request) } as const;
  }

  scope.get<{ Querystring: { sent?: unknown } }>(PATHS.prove, async (request, reply) => {
    const waiting = pending.find(request, 'proof');
    if (!waiting) return beginAgain(request, reply, 'over');
    return showConfirm(reply, { waiting, isSmsSent: request.query.sent === 'sms' });
  });

  scope.post(PATHS.prove, async (request, reply) => {
    const waiting = pending.find(request, 'proof');
    if (!waiting) return beginAgain(request, reply, 'over');
    const given = givenIn(request, waiting.methods);
    const isSmsSent = 'method' in given && given.method === 'sms-code';
    if ('problems' in given) return showConfirm(reply, { waiting, ...given, status: 400 });
    try {
      const { method, proof } = given;
      const result = await gate.prove({ ...asked(request, waiting, method), proof });
      return await enter(request, reply, { result, next: waiting.next });
    } catch (error) {
      if (isAuthError(error, 'invalid-ticket')) return beginAgain(request, reply, 'over');
      return showConfirm(reply, { waiting, isSmsSent, ...problemsFrom(error, given.field) });
    }
  });

  scope.post(PATHS.sendSms, async (request, reply) => {
    const waiting = pending.find(request, 'proof');
    if (!waiting) return beginAgain(request, reply, 'over');
    try {
      await gate.challenge(asked(request, waiting, 'sms-code'));
      return reply.redirect(`${PATHS.prove}?sent=sms`, 303);
    } catch (error) {
      if (isAuthError(error, 'invalid-ticket')) return beginAgain(request, reply, 'over');
      return showConfirm(reply, { waiting, ...problemsFrom(error) });
    }
  });

  scope.post(
    PATHS.passkeyOptions,
    { config: { pages: { bucket: PASSKEY_OPTIONS } } },
    async (request, reply) => {
      const waiting = pending.find(request, 'proof');
      try {
        if (waiting) return reply.send(await gate.challenge(asked(request, waiting, 'passkey')));
      } catch (error) {
        if (!isAuthError(error)) throw error;
      }
      // The script loads the page anew, which says what is the matter.
      return reply.code(410).send({ message: stepStrings.back.over });
    },
  );
}
