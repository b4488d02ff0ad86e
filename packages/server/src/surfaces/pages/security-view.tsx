import type { ComponentChildren } from 'preact';
import { type AuthorisedPlace, placeText } from '../../core/location/index.ts';
import type { PasskeyListing } from '../../core/second-factor/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { Problems } from '../../pages-kit/index.ts';
import { Alert, Notice, Time } from '../../pages-kit/index.ts';
import { PasskeyList } from './passkey-list.tsx';
import { securityStrings } from './security-strings.ts';

const text = securityStrings;
const HOME = '/account/security';

interface SecurityProps {
  session: LiveSession;
  problems: Problems;
  notice: string | undefined;
  /** Null where no second factor would make them of use. */
  codesLeft: number | null;
  passkeys: PasskeyListing[];
  places: AuthorisedPlace[];
  areCodesSent: boolean;
  graceHours: number;
}

/** Everything that guards the account, each with what may be done about it. */
export function SecurityView(props: SecurityProps) {
  const { session, problems, notice, codesLeft, passkeys, places } = props;
  const hasApp = session.factors.includes('totp');
  return (
    <>
      <Alert text={problems.whole} />
      <Notice text={notice} />
      <ContactSection session={session} />
      <Section heading={text.authenticator.heading} state={hasApp} about={text.authenticator.about}>
        {hasApp ? (
          <Act
            action={`${HOME}/authenticator/remove`}
            label={text.authenticator.remove}
            hint={text.authenticator.removeHint}
            isDangerous
          />
        ) : (
          <Act action={`${HOME}/authenticator/begin`} label={text.authenticator.setUp} />
        )}
      </Section>
      <Section heading={text.passkeys.heading} about={text.passkeys.about}>
        <PasskeyList passkeys={passkeys} />
      </Section>
      {codesLeft !== null && (
        <Section heading={text.codes.heading} about={text.codes.about}>
          <p>{codesLeft === 0 ? text.codes.none : text.codes.left(codesLeft)}</p>
          <div class="row-actions">
            {codesLeft > 0 && <Act action={`${HOME}/recovery-codes`} label={text.codes.show} />}
            <Act action={`${HOME}/recovery-codes/renew`} label={text.codes.renew} />
          </div>
          {codesLeft > 0 && <p class="hint">{text.codes.renewHint}</p>}
        </Section>
      )}
      {(props.areCodesSent || session.phone !== null) && <PhoneSection {...props} />}
      <Section heading={text.places.heading} about={text.places.about}>
        <PlaceList places={places} />
      </Section>
      <LeaveSection graceHours={props.graceHours} />
      <div class="below">
        <p>
          <a href="/account">{text.overview.back}</a>
        </p>
      </div>
    </>
  );
}

interface SectionProps {
  heading: string;
  about?: string;
  /** On or off, where it is one of these. */
  state?: boolean;
  children: ComponentChildren;
}

function Section({ heading, about, state, children }: SectionProps) {
  return (
    <section class="setting">
      <h2 class="labelled">
        <span>{heading}</span>
        {state !== undefined && (
          <span class={state ? 'badge' : 'badge plain'}>{state ? text.overview.on : text.overview.off}</span>
        )}
      </h2>
      {about && <p class="muted">{about}</p>}
      {children}
    </section>
  );
}

interface ActProps {
  action: string;
  label: string;
  hint?: string;
  isDangerous?: boolean;
}

function Act({ action, label, hint, isDangerous }: ActProps) {
  return (
    <form method="post" action={action}>
      {hint && <p class="hint">{hint}</p>}
      <button type="submit" class={isDangerous ? 'danger' : 'quiet'}>
        {label}
      </button>
    </form>
  );
}

function ContactSection({ session }: { session: LiveSession }) {
  const { email, passwordChangedAt } = session;
  return (
    <>
      <Section heading={text.overview.email}>
        <p class="anywhere">{email?.address ?? text.overview.noEmail}</p>
        <a class="button quiet" href="/account/email">
          {text.overview.changeEmail}
        </a>
      </Section>
      <Section heading={text.overview.password}>
        <p>
          {passwordChangedAt === null ? (
            text.overview.noPassword
          ) : (
            <>
              {text.overview.passwordSince} <Time at={passwordChangedAt} />
            </>
          )}
        </p>
        <a class="button quiet" href="/account/password">
          {passwordChangedAt === null ? text.overview.choosePassword : text.overview.changePassword}
        </a>
      </Section>
    </>
  );
}

function PhoneSection({ session, areCodesSent }: SecurityProps) {
  const { phone, factors } = session;
  const isOn = factors.includes('sms-code');
  const missing = !factors.includes('totp')
    ? text.phone.smsNeedsApp
    : phone === null
      ? text.phone.smsNeedsPhone
      : null;
  return (
    <>
      <Section heading={text.phone.heading}>
        <p>{phone ?? text.phone.none}</p>
        <div class="row-actions">
          {areCodesSent && (
            <a class="button quiet" href={`${HOME}/phone`}>
              {phone === null ? text.phone.add : text.phone.change}
            </a>
          )}
          {phone !== null && !isOn && (
            <Act action={`${HOME}/phone/remove`} label={text.phone.remove} isDangerous />
          )}
        </div>
      </Section>
      {(areCodesSent || isOn) && (
        <Section heading={text.phone.smsHeading} state={isOn} about={text.phone.smsAbout}>
          {isOn ? (
            <Act action={`${HOME}/sms/off`} label={text.phone.smsOff} isDangerous />
          ) : missing === null ? (
            <Act action={`${HOME}/sms/on`} label={text.phone.smsOn} />
          ) : (
            <p>{missing}</p>
          )}
        </Section>
      )}
    </>
  );
}

function PlaceList({ places }: { places: AuthorisedPlace[] }) {
  if (places.length === 0) return <p>{text.places.none}</p>;
  return (
    <>
      <ul class="list">
        {places.map((place) => (
          <li key={place.key}>
            <div class="grow">
              <strong>{placeText(place)}</strong>
              <span class="small">
                {text.places.lastUsed} <Time at={place.lastUsedAt} />
              </span>
            </div>
          </li>
        ))}
      </ul>
      <Act
        action={`${HOME}/places/forget`}
        label={text.places.forget}
        hint={text.places.forgetHint}
        isDangerous
      />
    </>
  );
}

function LeaveSection({ graceHours }: { graceHours: number }) {
  const { close } = text;
  const ways = [
    { id: 'disable', label: close.disable, about: close.disableAbout },
    { id: 'delete', label: close.delete, about: close.deleteAbout(close.days(graceHours)) },
  ];
  return (
    <Section heading={close.heading}>
      {ways.map(({ id, label, about }) => (
        <details class="more" key={id}>
          <summary>{label}</summary>
          <form method="post" action={`${HOME}/${id}`}>
            <p>{about}</p>
            <div class="check field">
              <input type="checkbox" id={`understood-${id}`} name="understood" value="yes" required />
              <label for={`understood-${id}`}>{close.understood}</label>
            </div>
            <button type="submit" class="danger">
              {label}
            </button>
          </form>
        </details>
      ))}
    </Section>
  );
}
