import type { FastifyReply } from 'fastify';
import {
  Alert,
  CaptchaField,
  Field,
  NO_PROBLEMS,
  PasskeyForm,
  type Problems,
} from '../../pages-kit/index.ts';
import { strings } from './page-strings.ts';
import { stepStrings } from './step-strings.ts';
import type { PageTools } from './surface.ts';

/** Where somebody goes who was going nowhere. */
export const HOME = '/account';

interface LoginPage {
  next: string;
  problems?: Problems;
  email?: string;
  status?: number;
}

/** The sign-in page, by password or passkey; whatever led back to it is said above. */
export function showLogin(
  tools: Pick<PageTools, 'show' | 'puzzle'>,
  reply: FastifyReply,
  { next, problems = NO_PROBLEMS, email = '', status = 200 }: LoginPage,
): FastifyReply {
  const text = strings.login;
  // Whoever has given a good address is only asked for the password again.
  const asksAddress = email === '' || problems.fields['email'] !== undefined;
  const content = (
    <>
      <Alert text={problems.whole} />
      <form method="post" action="/login">
        <input type="hidden" name="next" value={next} />
        <Field
          id="email"
          label={text.identifier}
          autocomplete="username webauthn"
          value={email}
          problem={problems.fields['email']}
          autofocus={asksAddress}
        />
        <Field
          id="password"
          label={strings.password}
          type="password"
          autocomplete="current-password"
          problem={problems.fields['password']}
          autofocus={!asksAddress}
        />
        <CaptchaField puzzle={tools.puzzle} action="login" />
        <button type="submit">{text.submit}</button>
      </form>
      <p class="or">{stepStrings.confirm.or}</p>
      <PasskeyForm
        action="/login/passkey"
        options="/login/passkey-options"
        label={stepStrings.passkey.signIn}
        hidden={{ next }}
        hasAutofill
      />
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
  return tools.show(reply, {
    title: text.title,
    content,
    status,
    scripts: ['passkey', 'kept-code'],
    hasCaptcha: true,
  });
}
