import { strings as shared } from '../../pages-kit/index.ts';

/** Every sentence of a project's pages, in one place. */
export const strings = {
  ...shared,
  signIn: {
    title: 'Sign in',
    submit: 'Sign in',
    forgot: 'Forgot your password?',
    signUp: 'New here?',
    signUpLink: 'Create an account',
    mailInstead: 'Mail me a link instead',
    mail: 'Mail me a link',
    mailLead: 'We send you a link and a code. No password is needed.',
    with: (provider: string) => `Continue with ${provider}`,
    nothingOn: 'Nobody can sign in here at present. Ask the people who run this app.',
  },
  providers: { google: 'Google', github: 'GitHub', microsoft: 'Microsoft' },
  signUp: {
    title: 'Create your account',
    submit: 'Create account',
    signIn: 'Already have an account?',
    signInLink: 'Sign in',
  },
  back: 'Back to sign-in',
  linkOrCode: 'Link from the mail',
  linkOrCodeHint: 'Only needed if the link did not fill it in: paste the whole address.',
  magic: {
    title: 'Check your mail',
    lead: 'If that address can be used, a mail is on its way to it. Open its link in this browser, or type the code of the mail here.',
    codeLabel: 'Code from the mail',
    codeHint: 'Six digits.',
    submit: 'Sign in',
    another: 'No mail?',
    anotherLink: 'Ask for another',
    elsewhereTitle: 'Go back to where you began',
    elsewhere:
      'This link is good only in the browser that asked for it, and it was not this one. Go back there and type the code of six digits that stands in the same mail.',
  },
  forgot: {
    title: 'Forgot your password?',
    lead: 'Tell us the address of your account, and we send you a link to choose a new password.',
    submit: 'Send the link',
    sentTitle: 'Check your mail',
    sent: 'If there is an account with that address, a mail is on its way to it. Open its link to choose a new password.',
  },
  reset: {
    title: 'Choose a new password',
    lead: 'You will be signed out everywhere else.',
    submit: 'Save the password',
    doneTitle: 'The new password holds',
    done: 'Go back to the app and sign in with it.',
  },
  verify: {
    title: 'Confirm your address',
    lead: 'One press, and the address is yours.',
    submit: 'Confirm address',
    doneTitle: 'Address confirmed',
    done: 'Thank you. You can close this page and go back to the app.',
  },
  stepUp: {
    title: 'Confirm it is you',
    lead: 'Your account asks for one more proof.',
    // Whoever knows a password can send its owner the link to this page: the owner must see whose sign-in it is.
    madeElsewhere: ({ at, address }: { at: number; address: string }) =>
      `It is for the sign-in of ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC from the address ${address}. If that was not you, prove nothing here: close this page and choose a new password.`,
    ticketLead: 'The app that sent you here asks for one more proof that it is you.',
    ticket: 'Address that the app sent you to',
    ticketHint: 'Only needed if this page does not go on by itself: paste the whole address.',
    ticketSubmit: 'Go on',
    enrolTitle: 'Set up a second step',
    enrolLead:
      'Accounts here are guarded by a second step. Set one up now; from then on you sign in with it, too.',
    strange:
      'Your account does not know this place yet. Sign in from here with your account first, where you usually do; a mail will ask you to allow the place. Then begin again.',
    phone: 'Mobile number',
    phoneHint: 'With the country code, such as +49 151 23456789.',
    sendCode: 'Send me a code by SMS',
    otherPhone: 'Use another number, or send it again',
    over: 'This took too long, or had too many wrong tries. Begin again.',
  },
  astray: {
    title: 'You cannot go on from here',
    lead: 'The link that led here is not complete or not right. Go back to the app and try again.',
    forDeveloper: 'For whoever wrote the app:',
    reasons: {
      nowhere:
        'the parameter redirect_url is missing. Open this page with redirect_url, code_challenge (S256) and, if you like, state; the visitor comes back to redirect_url with code and state.',
      'redirect-repeated': 'redirect_url is there more than once.',
      'redirect-refused':
        'redirect_url is not in the project’s list of redirect addresses. It is compared whole, with its path, its query and every slash.',
      'challenge-missing':
        'the parameter code_challenge is missing: the SHA-256 of a random verifier in base64url (RFC 7636, S256).',
      'challenge-refused':
        'code_challenge is not the SHA-256 of a verifier in base64url (43 characters), or code_challenge_method is not S256.',
      'state-refused': 'state may be given once, with up to 500 printable ASCII characters.',
    },
  },
  unknownTitle: 'Page not found',
  unknown: 'There is nothing at this address.',
  over: 'This page stood open for too long, or was changed. Go back to the app and begin again.',
  overTitle: 'Begin again',
  switchedOffTitle: 'Switched off',
  switchedOff: 'This way of signing in has been switched off. Use another.',
  /** Why somebody is back at the sign-in page, by the codes of `docs/flux-wire.md`. */
  elsewhere: {
    access_denied: 'You were not signed in there. Try again, or use another way.',
    account_exists: 'There is an account with your address already. Sign in to it the way you did before.',
    method_disabled: 'This way of signing in has been switched off. Use another.',
    provider_unavailable: 'The other provider does not answer. Try again in a moment, or use another way.',
    account_suspended: 'This account is suspended. Ask the people who run this app.',
    sign_in_failed: 'You could not be signed in there. Try again, or use another way.',
  },
} as const;
