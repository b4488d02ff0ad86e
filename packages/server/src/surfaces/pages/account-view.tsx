import type { LiveSession, SessionListing } from '../../core/session/index.ts';
import { maskAddress } from '../../http/index.ts';
import type { Problems } from '../../pages-kit/index.ts';
import { Alert, Field, Notice, Time } from '../../pages-kit/index.ts';
import { deviceName } from './facts.tsx';
import { strings } from './page-strings.ts';

interface AccountProps {
  session: LiveSession;
  sessions: SessionListing[];
  isAdministrator: boolean;
  /** Whether a password is asked for again before sessions are ended. */
  asksPassword: boolean;
  problems: Problems;
  /** Sessions to show ticked, by id. */
  chosen: readonly string[];
  notice?: string | undefined;
}

const text = strings.home;

export function AccountView({
  session,
  sessions,
  isAdministrator,
  asksPassword,
  problems,
  chosen,
  notice,
}: AccountProps) {
  const { profile, email } = session;
  const name = profile.globalName ?? profile.username;
  const others = sessions.filter(({ id }) => id !== session.id);
  return (
    <>
      <Alert text={problems.whole ?? (session.suspicion === 0 ? undefined : text.suspected)} />
      <Notice text={notice} />
      <div class="person">
        <span class="avatar" aria-hidden="true">
          {[...name][0]?.toUpperCase()}
        </span>
        <div class="grow">
          <p class="person-name">
            {name}{' '}
            <span class="muted">
              {profile.username}#{String(profile.discriminator).padStart(4, '0')}
            </span>
          </p>
          {email && (
            <p class="labelled">
              <span>{email.address}</span>
              <span class={email.verified ? 'badge' : 'badge warn'}>
                {email.verified ? text.verified : text.unverified}
              </span>
            </p>
          )}
        </div>
      </div>
      <div class="row-actions">
        {isAdministrator && (
          <a class="button" href="/console/">
            {text.console}
          </a>
        )}
        <a class="button quiet" href="/account/security">
          {text.security}
        </a>
        <a class="button quiet" href="/account/notices">
          {strings.notices.link}
        </a>
        {session.suspicion !== 0 && (
          <a class="button quiet" href="/account/security/phone">
            {text.provePhone}
          </a>
        )}
        {email && (!email.verified || session.suspicion !== 0) && (
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
        <ul class={others.length === 0 ? 'list' : 'list choices'}>
          {sessions.map((one) => (
            <SessionItem
              key={one.id}
              session={one}
              isCurrent={one.id === session.id}
              isChosen={chosen.includes(one.id)}
            />
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

interface SessionItemProps {
  session: SessionListing;
  isCurrent: boolean;
  isChosen: boolean;
}

function SessionItem({ session, isCurrent, isChosen }: SessionItemProps) {
  const name = deviceName(session.userAgent);
  const field = `session-${session.id}`;
  return (
    <li>
      {!isCurrent && (
        <input
          type="checkbox"
          id={field}
          name="session"
          value={session.id}
          checked={isChosen}
          aria-label={`${text.choose}: ${name}`}
        />
      )}
      <div class="grow">
        <strong class="labelled">
          <span>{name}</span>
          {isCurrent && <span class="badge">{text.thisDevice}</span>}
        </strong>
        <span class="small">
          {session.surface === 'pages' ? text.browser : text.app} · {maskAddress(session.address)}
        </span>
        <span class="small labelled">
          <span>
            {text.signedInOn} <Time at={session.createdAt} />
          </span>
          <span>
            {text.lastUsed} <Time at={session.lastUsedAt} />
          </span>
        </span>
      </div>
    </li>
  );
}
