/** Every sentence of every mail, in one place. `{name}` is filled in. Kinds as in contract appendix B. */
export const mailStrings = {
  email_verification: {
    subject: 'Confirm your e-mail address',
    title: 'Confirm your e-mail address',
    body: ['Someone, hopefully you, used this address for an account at {site}. Confirm it to sign in.'],
    action: 'Confirm address',
    path: '/verify',
    code: 'If the button does not open, copy this code into the page at {page}:',
    notes: ['The link works once, for 24 hours.', 'Not you? Ignore this mail and nothing will happen.'],
  },
  already_registered: {
    subject: 'You already have an account',
    title: 'You already have an account',
    body: [
      'Somebody, probably you, tried to register this address at {site}. It has an account already: sign in with it.',
      'If the password is forgotten, the sign-in page helps you to a new one.',
    ],
    action: 'Sign in',
    path: '/login',
    code: null,
    notes: ['Not you? Then there is nothing to do; nothing was changed.'],
  },
  password_reset: {
    subject: 'Choose a new password',
    title: 'Choose a new password',
    body: ['Somebody asked for a new password for your account at {site}.'],
    action: 'Choose a new password',
    path: '/reset',
    code: 'If the button does not open, copy this code into the page at {page}:',
    notes: [
      'The link works once, for one hour. Using it signs you out everywhere.',
      'Not you? Ignore this mail; your password stays as it is.',
    ],
  },
  password_changed: {
    subject: 'Your password was changed',
    title: 'Your password was changed',
    body: [
      'The password of your account at {site} was just changed, and every other device was signed out.',
      'If this was not you, choose a new password at once.',
    ],
    action: 'It was not me',
    path: '/forgot',
    code: null,
    notes: ['Was it you? Then there is nothing to do.'],
  },
} as const satisfies Record<string, MailStrings>;

export interface MailStrings {
  subject: string;
  title: string;
  body: readonly string[];
  action: string;
  /** Page the button opens, on the public URL. */
  path: string;
  /** Told before the code; null for a mail without one. */
  code: string | null;
  notes: readonly string[];
}

export type MailKind = keyof typeof mailStrings;

export function isMailKind(kind: string): kind is MailKind {
  return Object.hasOwn(mailStrings, kind);
}
