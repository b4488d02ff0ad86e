import type { FastifyInstance, FastifyReply } from 'fastify';
import { isAuthError } from '../../core/errors.ts';
import { SECOND_FACTORS, type SecondFactor } from '../../core/sign-in/index.ts';
import {
  Alert,
  fieldOf,
  givenIn,
  NO_PROBLEMS,
  PASSKEY_OPTIONS,
  type Problems,
  ProofForms,
  problemsFrom,
} from '../../pages-kit/index.ts';
import { type Standing, standingAt } from './standing.ts';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { TicketForm } from './ticket-form.tsx';
import { Below } from './views.tsx';
import { type Landing, pathOf, visitScope } from './visit.ts';

const text = strings.stepUp;

interface Shown {
  problems?: Problems;
  status?: number;
  isSmsSent?: boolean;
}

/** The second factor that a session owes: shown here, and the session is the same afterwards (FX-48, FX-49). */
export function stepUpPages(scope: FastifyInstance, tools: Tools): void {
  const { gate, carried, stepUps } = tools;
  const { at, over, message } = visitScope(scope, tools);

  const standing = (here: Landing) => standingAt(here, tools, () => over(here));

  /** What the person has and can use on this very page. */
  async function factorsOf({ project, session }: Standing): Promise<SecondFactor[]> {
    const takesPasskeys = await tools.takesPasskeysOf(project);
    const factors = gate.provesAgain(session).filter(isSecondFactor);
    return factors.filter((id) => id !== 'passkey' || takesPasskeys);
  }

  async function showProof(
    here: Standing,
    { problems = NO_PROBLEMS, status = 200, isSmsSent = false }: Shown = {},
  ): Promise<FastifyReply> {
    const { project } = here;
    const methods = await factorsOf(here);
    const phone = methods.includes('sms-code') ? await tools.phoneOf(here.session.userId) : null;
    const phoneHint = phone === null ? null : `••••${phone.slice(-4)}`;
    const paths = {
      prove: pathOf(project, 'step-up'),
      sendSms: pathOf(project, 'step-up/sms'),
      passkeyOptions: pathOf(project, 'step-up/passkey-options'),
    };
    const content = (
      <>
        <Alert text={problems.whole} />
        <p>{text.lead}</p>
        {here.madeElsewhere && <p>{text.madeElsewhere(here.madeElsewhere)}</p>}
        <ProofForms {...{ methods, phoneHint, isSmsSent, problems, paths }} />
        {here.beginning !== null && <BeginAgain href={here.beginning} />}
        <TicketForm project={project} isHidden />
      </>
    );
    return tools.show(here, { title: text.title, content, status, scripts: ['passkey', 'flux-link'] });
  }

  at('GET', '/step-up', async (here) => {
    const found = await standing(here);
    if (!found) {
      const content = <TicketForm project={here.project} />;
      return tools.show(here, { title: text.title, content, scripts: ['flux-link'] });
    }
    const { isMultiFactor, factors } = found.session;
    if (isMultiFactor) return await found.goOn();
    if (factors.length === 0) return here.reply.redirect(pathOf(here.project, 'step-up/set-up'), 303);
    const { sent } = here.request.query as { sent?: unknown };
    return await showProof(found, { isSmsSent: sent === 'sms' });
  });

  /** An app's ticket, taken out of the address by the script or pasted by hand. */
  at('POST', '/step-up/ticket', async (here) => {
    const { project, request, reply } = here;
    const ticket = ticketIn(fieldOf(request, 'token'));
    const open = await stepUps.open(ticket);
    if (open?.project.id !== project.id) return over(here);
    const until = open.expiresAt;
    carried.write(reply, project, { step: { at: 'ticket', ticket, setUp: {} }, way: null, until });
    return reply.redirect(pathOf(project, 'step-up'), 303);
  });

  at('POST', '/step-up', async (here) => {
    const found = await standing(here);
    if (!found) return message(here, { title: strings.overTitle, text: text.over, status: 400 });
    const { session } = found;
    const given = givenIn(here.request, session.factors.filter(isSecondFactor));
    if ('problems' in given) return await showProof(found, { ...given, status: 400 });
    const { method, proof, field } = given;
    try {
      await gate.stepUp({ session, method, proof, origin: tools.originOf(here.request) });
    } catch (error) {
      if (isAuthError(error, 'not-signed-in')) return over(here);
      return await showProof(found, { isSmsSent: method === 'sms-code', ...problemsFrom(error, field) });
    }
    return await found.goOn();
  });

  at('POST', '/step-up/sms', async (here) => {
    const found = await standing(here);
    if (!found) return over(here);
    try {
      const origin = tools.originOf(here.request);
      await gate.challengeStepUp({ session: found.session, method: 'sms-code', origin });
    } catch (error) {
      return await showProof(found, problemsFrom(error));
    }
    return here.reply.redirect(`${pathOf(here.project, 'step-up')}?sent=sms`, 303);
  });

  at(
    'POST',
    '/step-up/passkey-options',
    async (here) => {
      const found = await standing(here);
      const origin = tools.originOf(here.request);
      try {
        if (found)
          return here.reply.send(
            await gate.challengeStepUp({ session: found.session, method: 'passkey', origin }),
          );
      } catch (error) {
        if (!isAuthError(error)) throw error;
      }
      // The script loads the page anew, which says what is the matter.
      return here.reply.code(410).send({ message: text.over });
    },
    { bucket: PASSKEY_OPTIONS },
  );
}

function BeginAgain({ href }: { href: string }) {
  const { another, anotherLink } = strings.confirm;
  return <Below links={[{ lead: another, href, link: anotherLink }]} />;
}

function isSecondFactor(id: string): id is SecondFactor {
  return (SECOND_FACTORS as readonly string[]).includes(id);
}

/** What somebody pastes by hand: the ticket, or the whole link. */
function ticketIn(pasted: string): string {
  return /#flux_step_up=(\w+)/.exec(pasted)?.[1] ?? pasted.trim();
}
