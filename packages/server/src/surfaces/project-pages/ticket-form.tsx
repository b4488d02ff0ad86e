import type { Project } from '../../core/project/index.ts';
import { NO_PROBLEMS, TokenField } from '../../pages-kit/index.ts';
import { strings } from './strings.ts';
import { pathOf } from './visit.ts';

/** Takes the ticket that an app sent its visitor here with; hidden where there is something to do without one. */
export function TicketForm({ project, isHidden = false }: { project: Project; isHidden?: boolean }) {
  const text = strings.stepUp;
  return (
    <form method="post" action={pathOf(project, 'step-up/ticket')} data-goes-on hidden={isHidden}>
      {isHidden ? (
        <input type="hidden" name="token" id="token" value="" />
      ) : (
        <>
          <p>{text.ticketLead}</p>
          <TokenField problems={NO_PROBLEMS} label={text.ticket} hint={text.ticketHint} />
          <button type="submit">{text.ticketSubmit}</button>
        </>
      )}
    </form>
  );
}
