import type { Problems } from './forms.ts';
import { Alert, Field, Notice, TokenField } from './layout.tsx';
import { strings } from './strings.ts';

interface FormProps {
  problems: Problems;
  values?: Record<string, string>;
}

export function LoginView({ problems, values = {}, next }: FormProps & { next: string }) {
  const text = strings.login;
  return (
    <>
      <Alert text={problems.whole} />
      <form method="post" action="/login" novalidate={false}>
        <input type="hidden" name="next" value={next} />
        <Field
          id="email"
          label={strings.email}
          type="email"
          autocomplete="username"
          value={values['email'] ?? ''}
          problem={problems.fields['email']}
          autofocus
        />
        <Field
          id="password"
          label={strings.password}
          type="password"
          autocomplete="current-password"
          problem={problems.fields['password']}
        />
        <button type="submit">{text.submit}</button>
      </form>
      <div class="below">
        <p>
          <a href="/forgot">{text.forgot}</a>
        </p>
        <p>
          {text.register} <a href="/register">{text.registerLink}</a>
        </p>
      </div>
    </>
  );
}

export function RegisterView({ problems, values = {} }: FormProps) {
  const text = strings.register;
  return (
    <>
      <Alert text={problems.whole} />
      <form method="post" action="/register">
        <Field
          id="name"
          label={strings.name}
          autocomplete="name"
          value={values['name'] ?? ''}
          problem={problems.fields['name']}
          required={false}
          maxLength={32}
        />
        <Field
          id="email"
          label={strings.email}
          type="email"
          autocomplete="username"
          value={values['email'] ?? ''}
          problem={problems.fields['email']}
        />
        <Field
          id="password"
          label={strings.password}
          type="password"
          autocomplete="new-password"
          hint={strings.passwordHint}
          problem={problems.fields['password']}
        />
        <div class="check">
          <input type="checkbox" id="consent" name="consent" value="yes" required />
          <label for="consent">{text.consent}</label>
        </div>
        {problems.fields['consent'] && <p class="problem">{problems.fields['consent']}</p>}
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

export function CheckMailView({ about, mailbox }: { about: 'verify' | 'reset'; mailbox: boolean }) {
  return (
    <>
      <p>{strings.checkMail[about]}</p>
      {mailbox && (
        <p class="muted">
          {strings.checkMail.mailbox} <a href="/dev/mailbox">{strings.checkMail.mailboxLink}</a>
        </p>
      )}
      <p>
        <a href="/login">{strings.backToSignIn}</a>
      </p>
    </>
  );
}

export function VerifyView({ problems, values = {} }: FormProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{strings.verify.lead}</p>
      <form method="post" action="/verify">
        <TokenField value={values['token'] ?? ''} problem={problems.fields['token']} />
        <button type="submit">{strings.verify.submit}</button>
      </form>
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

export function ForgotView({ problems, values = {} }: FormProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{strings.forgot.lead}</p>
      <form method="post" action="/forgot">
        <Field
          id="email"
          label={strings.email}
          type="email"
          autocomplete="username"
          value={values['email'] ?? ''}
          problem={problems.fields['email']}
          autofocus
        />
        <button type="submit">{strings.forgot.submit}</button>
      </form>
      <div class="below">
        <p>
          <a href="/login">{strings.backToSignIn}</a>
        </p>
      </div>
    </>
  );
}

export function ResetView({ problems, values = {} }: FormProps) {
  return (
    <>
      <Alert text={problems.whole} />
      <p>{strings.reset.lead}</p>
      <form method="post" action="/reset">
        <TokenField value={values['token'] ?? ''} problem={problems.fields['token']} />
        <Field
          id="password"
          label={strings.newPassword}
          type="password"
          autocomplete="new-password"
          hint={strings.passwordHint}
          problem={problems.fields['password']}
        />
        <button type="submit">{strings.reset.submit}</button>
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
          value={values['token'] ?? ''}
          label={strings.setup.token}
          problem={problems.fields['token']}
        />
        <Field
          id="name"
          label={strings.name}
          autocomplete="name"
          value={values['name'] ?? ''}
          problem={problems.fields['name']}
          required={false}
          maxLength={32}
        />
        <Field
          id="email"
          label={strings.email}
          type="email"
          autocomplete="username"
          value={values['email'] ?? ''}
          problem={problems.fields['email']}
        />
        <Field
          id="password"
          label={strings.password}
          type="password"
          autocomplete="new-password"
          hint={strings.passwordHint}
          problem={problems.fields['password']}
        />
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
      <p>
        <a href="/login">{strings.backToSignIn}</a>
      </p>
    </>
  );
}
