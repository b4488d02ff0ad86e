import type { PlaceAsked } from '../../core/sign-in/index.ts';
import type { Problems } from '../../pages-kit/index.ts';
import { Alert, Notice, Time, TokenField } from '../../pages-kit/index.ts';
import { deviceName, Facts } from './facts.tsx';
import { strings } from './page-strings.ts';
import { stepStrings } from './step-strings.ts';
import { BackToSignIn } from './views.tsx';

interface WaitingProps {
  /** Masked. */
  email: string;
  wasResent: boolean;
  hasMailbox: boolean;
  problems: Problems;
}

/** Where somebody from a new place waits for their own answer. */
export function WaitingView({ email, wasResent, hasMailbox, problems }: WaitingProps) {
  const text = stepStrings.waiting;
  return (
    <>
      <Alert text={problems.whole} />
      <Notice text={wasResent ? text.resent : undefined} />
      <p>
        {text.lead} <strong>{email}</strong>.
      </p>
      <p>{text.action}</p>
      <p class="muted" role="status">
        {text.state}
      </p>
      {!wasResent && (
        <form method="post" action="/login/waiting/resend">
          <button type="submit" class="quiet">
            {text.resend}
          </button>
        </form>
      )}
      {hasMailbox && (
        <p class="muted aside">
          {strings.checkMail.mailbox}{' '}
          <a href="/dev/mailbox" target="_blank" rel="noopener">
            {strings.checkMail.mailboxLink}
          </a>
        </p>
      )}
      <BackToSignIn />
    </>
  );
}

const text = stepStrings.place;

/** The mail's link opens this; the script sends the form on by itself, as looking changes nothing. */
export function PlaceLookView({ token, problems }: { token: string; problems: Problems }) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{text.look}</p>
      <form method="post" action="/authorize-ip" data-goes-on="">
        <TokenField value={token} problems={problems} />
        <button type="submit">{text.lookSubmit}</button>
      </form>
      <div class="below">
        <p>
          {text.signInAgain} <a href="/login">{text.signInAgainLink}</a>
        </p>
      </div>
    </>
  );
}

/** Who waits, and what is to become of it. */
export function PlaceView({ token, asked }: { token: string; asked: PlaceAsked }) {
  return (
    <>
      <p>{text.lead}</p>
      <Facts
        facts={[
          [text.device, deviceName(asked.userAgent)],
          [text.place, asked.place],
          [text.address, asked.address],
          [text.time, <Time key="time" at={asked.at} />],
        ]}
      />
      <form method="post" action="/authorize-ip" class="answers">
        <input type="hidden" name="token" value={token} />
        <button type="submit" name="answer" value="yes">
          {text.yes}
        </button>
        <button type="submit" name="answer" value="no" class="danger">
          {text.no}
        </button>
      </form>
    </>
  );
}

export function PlaceAllowedView({ waitsHere }: { waitsHere: boolean }) {
  return (
    <>
      <p>{text.allowed}</p>
      {waitsHere && (
        <p>
          <a class="button" href="/login/waiting">
            {text.goOn}
          </a>
        </p>
      )}
    </>
  );
}

export function PlaceRefusedView() {
  return (
    <>
      <p>{text.refused}</p>
      <p>
        <a class="button" href="/forgot">
          {text.newPassword}
        </a>
      </p>
    </>
  );
}
