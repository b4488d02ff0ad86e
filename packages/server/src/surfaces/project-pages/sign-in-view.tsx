import type { ComponentChildren } from 'preact';
import type { Puzzle } from '../../captcha/index.ts';
import { Alert, CaptchaField, Field, PasskeyForm, type Problems } from '../../pages-kit/index.ts';
import { strings } from './strings.ts';
import { Below, Either, Hidden } from './views.tsx';
import { linkTo, pathOf, type Visit } from './visit.ts';

const text = strings.signIn;
const PROVIDERS = ['google', 'github', 'microsoft'] as const;

interface SignInProps {
  visit: Visit;
  /** The visit's way, for the forms. */
  sealed: string;
  /** Those that are on, and have what they need. */
  methods: Visit['project']['settings']['methods'];
  /** Passkeys are on, and can be used on this very host. */
  hasPasskeys: boolean;
  puzzle: Puzzle | null;
  problems: Problems;
  email: string;
}

export function SignInView(props: SignInProps) {
  const { visit, sealed, methods, hasPasskeys, problems } = props;
  const providers = PROVIDERS.filter((provider) => methods[provider]);
  const ways: ComponentChildren[] = [];
  if (methods.password || methods['magic-link']) ways.push(<AddressForm {...props} />);
  if (hasPasskeys)
    ways.push(
      <PasskeyForm
        action={pathOf(visit.project, 'passkey')}
        options={pathOf(visit.project, 'passkey-options')}
        label={strings.passkey.signIn}
        hidden={{ way: sealed }}
        hasAutofill={methods.password || methods['magic-link']}
        isMain={ways.length === 0}
      />,
    );
  if (providers.length > 0)
    ways.push(
      <p class="answers">
        {providers.map((provider) => (
          <a key={provider} class="button quiet" href={linkTo(visit, `with/${provider}`)}>
            {text.with(strings.providers[provider])}
          </a>
        ))}
      </p>,
    );
  return (
    <>
      <Alert text={problems.whole} />
      {ways.length === 0 ? <p>{text.nothingOn}</p> : <Either ways={ways} />}
      {methods.password && (
        <Below
          links={[
            { href: linkTo(visit, 'forgot'), link: text.forgot },
            { lead: text.signUp, href: linkTo(visit, 'sign-up'), link: text.signUpLink },
          ]}
        />
      )}
    </>
  );
}

/** The address, once: with a password, for a link by mail, or for either. */
function AddressForm({
  visit: { project },
  sealed,
  methods,
  hasPasskeys,
  puzzle,
  problems,
  email,
}: SignInProps) {
  const { password, 'magic-link': magicLink } = methods;
  // Whoever has given a good address is only asked for the password again.
  const asksAddress = email === '' || !password || problems.fields['email'] !== undefined;
  return (
    <form method="post" action={pathOf(project, password ? 'sign-in' : 'magic')}>
      <Hidden fields={{ way: sealed }} />
      <Field
        id="email"
        label={strings.email}
        type="email"
        autocomplete={hasPasskeys ? 'username webauthn' : 'username'}
        {...(!password && { hint: text.mailLead })}
        value={email}
        problem={problems.fields['email']}
        autofocus={asksAddress}
      />
      {password && (
        <Field
          id="password"
          label={strings.password}
          type="password"
          autocomplete="current-password"
          problem={problems.fields['password']}
          autofocus={!asksAddress}
        />
      )}
      <CaptchaField puzzle={puzzle} action="login" />
      {password && <button type="submit">{text.submit}</button>}
      {password && magicLink && (
        <button type="submit" class="quiet second" formaction={pathOf(project, 'magic')} formnovalidate>
          {text.mailInstead}
        </button>
      )}
      {!password && <button type="submit">{text.mail}</button>}
    </form>
  );
}
