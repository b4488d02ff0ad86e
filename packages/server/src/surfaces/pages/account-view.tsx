import type { LiveSession, SessionListing } from '../../core/session/index.ts';
import { describeDevice, maskAddress } from '../../http/index.ts';
import type { Problems } from './forms.ts';
import { Alert, Field, Notice } from './layout.tsx';
import { strings } from './strings.ts';

interface AccountProps {
  session: LiveSession;
  sessions: SessionListing[];
  isAdministrator: boolean;
  /** Whether a password is asked for again before sessions are ended. */
  asksPassword: boolean;
  problems: Problems;
  notice?: string | undefined;
}

const text = strings.home;

export function AccountView({
  session,
  sessions,
  isAdministrator,
  asksPassword,
  problems,
  notice,
}: AccountProps) {
  const { profile, email } = session;
  const others = sessions.filter(({ id }) => id !== session.id);
  return (
    <>
      <Alert text={problems.whole} />
      <Notice text={notice} />
      <dl class="facts">
        <dt>{text.signedInAs}</dt>
        <dd>
          {profile.globalName ?? profile.username}{' '}
          <span class="muted">
            {profile.username}#{String(profile.discriminator).padStart(4, '0')}
          </span>
        </dd>
        {email && (
          <>
            <dt>{strings.email}</dt>
            <dd>
              {email.address}
              <span class={email.verified ? 'badge' : 'badge warn'}>
                {email.verified ? text.verified : text.unverified}
              </span>
            </dd>
          </>
        )}
      </dl>
      <div class="row-actions">
        {isAdministrator && (
          <a class="button" href="/console/">
            {text.console}
          </a>
        )}
        {email && !email.verified && (
          <form method="post" action="/account/resend">
            <button type="submit" class="quiet">
              {text.resend}
            </button>
          </form>
        )}
        <form method="post" action="/logout">
          <button type="submit" class="quiet">
            {text.signOut}
          </button>
        </form>
      </div>
      <h2>{text.sessions}</h2>
      <form method="post" action="/account/sessions">
        <ul class="list">
          {sessions.map((one) => (
            <SessionItem key={one.id} session={one} isCurrent={one.id === session.id} />
          ))}
        </ul>
        {others.length === 0 ? (
          <p class="muted">{text.onlyThis}</p>
        ) : (
          <>
            {asksPassword && (
              <Field
                id="password"
                label={text.confirm}
                type="password"
                autocomplete="current-password"
                problem={problems.fields['password']}
              />
            )}
            <div class="row-actions">
              <button type="submit" name="which" value="chosen" class="quiet">
                {text.endChosen}
              </button>
              <button type="submit" name="which" value="others" class="danger">
                {text.endOthers}
              </button>
            </div>
          </>
        )}
      </form>
    </>
  );
}

function SessionItem({ session, isCurrent }: { session: SessionListing; isCurrent: boolean }) {
  const device = describeDevice(session.userAgent);
  const name = [device.browser, device.os].filter(Boolean).join(' · ') || text.unknownDevice;
  const field = `session-${session.id}`;
  return (
    <li>
      {!isCurrent && (
        <input
          type="checkbox"
          id={field}
          name="session"
          value={session.id}
          aria-label={`${text.choose}: ${name}`}
        />
      )}
      <div class="grow">
        <strong>
          {name}
          {isCurrent && <span class="badge">{text.thisDevice}</span>}
        </strong>
        <span class="small">
          {session.surface === 'fluxer' ? text.app : text.browser} · {maskAddress(session.address)} ·{' '}
          {session.network}
          <br />
          {text.signedInOn} <Time at={session.createdAt} />, {text.lastUsed} <Time at={session.lastUsedAt} />
        </span>
      </div>
    </li>
  );
}

function Time({ at }: { at: number }) {
  const iso = new Date(at).toISOString();
  return <time dateTime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`}</time>;
}
