import type { ComponentChildren } from 'preact';
import type { Problems } from '../../pages-kit/index.ts';
import { Alert, EmailField, Field, NewPasswordField, Notice, TokenField } from '../../pages-kit/index.ts';
import { strings } from './page-strings.ts';

interface FormProps {
  problems: Problems;
  /** Stands in front of the button while a CAPTCHA guards the form. */
  captcha?: ComponentChildren;
  values?: Record<string, string>;
}

export function RegisterView({ problems, values = {}, captcha }: FormProps) {
  const text = strings.register;
  const refused = problems.fields['consent'];
  return (
    <>
      <Alert text={problems.whole} />
      <form method="post" action="/register">
        <NewAccountFields {...{ problems, values }} />
        <div class="field">
          <div class="check">
            <input
              type="checkbox"
              id="consent"
              name="consent"
              value="yes"
              required
              checked={values['consent'] === 'yes'}
              aria-invalid={refused ? 'true' : undefined}
              aria-describedby={refused ? 'consent-problem' : undefined}
            />
            <label for="consent">{text.consent}</label>
          </div>
          {refused && (
            <p class="problem" id="consent-problem">
              {refused}
            </p>
          )}
        </div>
        {captcha}
        <button type="submit">{text.submit}</button>
      </form>
      <div class="below">
        <p>
          {text.haveAccount} <a href="/login">{text.signIn}</a>
        </p>
      </div>
    </>
  );
}

/** Who is behind a new account, as the forms of registration and of the first administrator ask it. */
function NewAccountFields({ problems, values = {} }: Pick<FormProps, 'problems' | 'values'>) {
  return (
    <>
      <Field
        id="name"
        label={strings.name}
        autocomplete="name"
        value={values['name'] ?? ''}
        problem={problems.fields['name']}
        required={false}
        maxLength={32}
      />
      <EmailField value={values['email']} problems={problems} />
      <NewPasswordField label={strings.password} problems={problems} />
    </>
  );
}

export function CheckMailView({ about, mailbox }: { about: 'verify' | 'reset'; mailbox: boolean }) {
  return (
    <>
      <p>{strings.checkMail[about]}</p>
      {mailbox && <DevMailboxHint />}
      <BackToSignIn />
    </>
  );
}

export function VerifyView({ problems, values = {} }: FormProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{strings.verify.lead}</p>
      <form method="post" action="/verify">
        <TokenField value={values['token']} problems={problems} />
        <button type="submit">{strings.verify.submit}</button>
      </form>
      <div class="below">
        <p>
          {strings.verify.again} <a href="/login">{strings.verify.againLink}</a>
        </p>
      </div>
    </>
  );
}

export function VerifiedView() {
  return (
    <>
      <p>{strings.verify.done}</p>
      <p>
        <a class="button" href="/login">
          {strings.login.submit}
        </a>
      </p>
    </>
  );
}

export function NotMeView({ problems, values = {} }: FormProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{strings.notMe.lead}</p>
      <form method="post" action="/not-me">
        <TokenField value={values['token']} problems={problems} />
        <button type="submit" class="danger">
          {strings.notMe.submit}
        </button>
      </form>
    </>
  );
}

export function NotMeDoneView({ mailbox }: { mailbox: boolean }) {
  return (
    <>
      <p>{strings.notMe.done}</p>
      <ol>
        {strings.notMe.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {mailbox && <DevMailboxHint />}
    </>
  );
}

export function ForgotView({ problems, values = {}, captcha }: FormProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{strings.forgot.lead}</p>
      <form method="post" action="/forgot">
        <EmailField value={values['email']} problems={problems} autofocus />
        {captcha}
        <button type="submit">{strings.forgot.submit}</button>
      </form>
      <BackToSignIn />
    </>
  );
}

export function ResetView({ problems, values = {} }: FormProps) {
  const { lead, submit, again } = strings.reset;
  return (
    <>
      <NewPasswordForm {...{ problems, values, lead, submit }} action="/reset" />
      <div class="below">
        <p>
          <a href="/forgot">{again}</a>
        </p>
      </div>
    </>
  );
}

export function RevertView({ problems, values = {} }: FormProps) {
  const { lead, submit } = strings.revert;
  return <NewPasswordForm {...{ problems, values, lead, submit }} action="/wasntme" />;
}

interface NewPasswordProps extends FormProps {
  lead: string;
  submit: string;
  action: string;
}

/** A mail's token and the password that it allows to choose. */
function NewPasswordForm({ problems, values = {}, lead, submit, action }: NewPasswordProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{lead}</p>
      <form method="post" action={action}>
        <TokenField value={values['token']} problems={problems} />
        <NewPasswordField problems={problems} />
        <button type="submit">{submit}</button>
      </form>
    </>
  );
}

export function SetupView({ problems, values = {} }: FormProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{strings.setup.lead}</p>
      <form method="post" action="/setup">
        <TokenField
          value={values['token']}
          problems={problems}
          label={strings.setup.token}
          hint={strings.setup.tokenHint}
        />
        <NewAccountFields {...{ problems, values }} />
        <button type="submit">{strings.setup.submit}</button>
      </form>
    </>
  );
}

export function MessageView({ text, notice }: { text: string; notice?: string }) {
  return (
    <>
      <Notice text={notice} />
      <p>{text}</p>
      <BackToSignIn />
    </>
  );
}

export function BackToSignIn() {
  return (
    <div class="below">
      <p>
        <a href="/login">{strings.backToSignIn}</a>
      </p>
    </div>
  );
}

function DevMailboxHint() {
  return (
    <p class="muted">
      {strings.checkMail.mailbox} <a href="/dev/mailbox">{strings.checkMail.mailboxLink}</a>
    </p>
  );
}
