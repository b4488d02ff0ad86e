import type { HandoffInfo } from '../../core/handoff/index.ts';
import { placeText } from '../../core/location/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { Problems } from '../../pages-kit/index.ts';
import { Alert, Field } from '../../pages-kit/index.ts';
import { deviceName, Facts } from './facts.tsx';
import { stepStrings } from './step-strings.ts';

const text = stepStrings.handoff;

/** The code as the app shows it; a link of the app may bring it along. */
export function HandoffCodeView({ code, problems }: { code: string; problems: Problems }) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{text.lookLead}</p>
      <form method="post" action="/handoff" data-goes-on="">
        <Field
          id="code"
          label={text.code}
          autocomplete="off"
          hint={text.codeHint}
          value={code}
          problem={problems.fields['code']}
          autofocus
          maxLength={32}
        />
        <button type="submit">{text.look}</button>
      </form>
    </>
  );
}

interface HandoffProps {
  session: LiveSession;
  info: Exclude<HandoffInfo, { status: 'expired' }>;
}

/** Which app, where, and the code to compare, before anything is handed over (security D13). */
export function HandoffView({ session, info }: HandoffProps) {
  const { code, initiator, place } = info;
  const device = deviceName(initiator.userAgent);
  return (
    <>
      <p>
        {text.lead} <strong>{session.email?.address ?? session.profile.username}</strong>. {text.same}
      </p>
      <p class="big-code">{code}</p>
      <Facts
        facts={[
          [text.device, initiator.isDesktop ? `${device} (${text.desktop})` : device],
          [text.place, placeText(place)],
          [text.address, initiator.address],
        ]}
      />
      <p>{text.beware}</p>
      <form method="post" action="/handoff" class="answers">
        <input type="hidden" name="code" value={code} />
        <button type="submit" name="answer" value="yes">
          {text.yes}
        </button>
        <button type="submit" name="answer" value="no" class="quiet">
          {text.no}
        </button>
      </form>
    </>
  );
}

export function HandoffEndView({ isDone }: { isDone: boolean }) {
  return (
    <>
      <p>{isDone ? text.done : text.cancelled}</p>
      <div class="below">
        <p>
          <a href="/account">{text.toAccount}</a>
        </p>
      </div>
    </>
  );
}
