/** Body line that is told by whether there is a button to press. */
const NOT_ME = '{not_me}';
const NOT_ME_CODE =
  'If the button does not open, copy this code into the page at {page}; it works once, for 48 hours:';

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
  ip_authorization: {
    subject: 'Was this you? A sign-in from a new place',
    title: 'A sign-in from a new place',
    body: [
      'Somebody with your password wants to sign in to your account at {site} from a place we have not seen before.',
      'Address: {address}. Place: {place}.',
      'If it was you, allow it; the sign-in that waits then goes on by itself.',
    ],
    action: 'Look at this sign-in',
    path: '/authorize-ip',
    code: 'If the button does not open, copy this code into the page at {page}:',
    notes: [
      'The link works once, for 15 minutes.',
      'Not you? Allow nothing, and choose a new password: somebody knows the present one.',
    ],
  },
  new_sign_in: {
    subject: 'A sign-in from a new place',
    title: 'A sign-in from a new place',
    body: [
      'Somebody signed in to your account at {site} from a place we have not seen before.',
      'Time: {time}. Address: {address}. Place: {place}.',
      NOT_ME,
    ],
    action: 'It was not me',
    path: '/not-me',
    code: NOT_ME_CODE,
    notes: ['Was it you? Then there is nothing to do.'],
  },
  password_changed: {
    subject: 'Your password was changed',
    title: 'Your password was changed',
    body: [
      'The password of your account at {site} was just changed, and every other device was signed out.',
      NOT_ME,
    ],
    action: 'It was not me',
    path: '/not-me',
    code: NOT_ME_CODE,
    notes: ['Was it you? Then there is nothing to do.'],
  },
  email_change_original: {
    subject: 'Code to change your e-mail address',
    title: 'Change your e-mail address',
    body: [
      'Somebody signed in to your account at {site} wants to give it another e-mail address.',
      'Type this code where the address is being changed. Nobody from {site} will ever ask you for it.',
    ],
    action: null,
    path: '/account',
    code: 'Your code:',
    notes: [
      'The code works for 10 minutes.',
      'Not you? Somebody has your device or your password: sign in, end the sessions you do not know, and choose a new password.',
    ],
  },
  email_change_new: {
    subject: 'Code to confirm your new e-mail address',
    title: 'Confirm your new e-mail address',
    body: [
      'The account {account} at {site} wants to use this address. Type this code where the address is being changed.',
    ],
    action: null,
    path: '/account',
    code: 'Your code:',
    notes: [
      'The code works once, for 10 minutes.',
      'Not your account? Ignore this mail and give the code to nobody.',
    ],
  },
  email_change_revert: {
    subject: 'Your e-mail address was changed',
    title: 'Your e-mail address was changed',
    body: [
      'Your account at {site} has another e-mail address now; mail about it no longer comes here.',
      'If this was not you, take the account back: this address returns, you choose a new password, every session ends, and phone and second factors are removed.',
    ],
    action: 'It was not me',
    path: '/wasntme',
    code: 'If the button does not open, copy this code into the page at {page}:',
    notes: ['The link works once, for 48 hours.', 'Was it you? Then there is nothing to do.'],
  },
  email_changed: {
    subject: 'The e-mail address of an account was changed',
    title: 'The e-mail address of an account was changed',
    body: [
      'The e-mail address of the account {account} at {site} was just changed, from this address or to it.',
    ],
    action: 'It was not me',
    path: '/not-me',
    code: NOT_ME_CODE,
    notes: ['Was it you? Then there is nothing to do.'],
  },
  password_change_verification: {
    subject: 'Code to change your password',
    title: 'Change your password',
    body: [
      'Somebody signed in to your account at {site} wants to change its password.',
      'Type this code where the password is being changed. Nobody from {site} will ever ask you for it.',
    ],
    action: null,
    path: '/account',
    code: 'Your code:',
    notes: [
      'The code works once, for 10 minutes.',
      'Not you? Somebody has your device: sign in and end the sessions you do not know.',
    ],
  },
  self_deletion_scheduled: {
    subject: 'Your account will be deleted',
    title: 'Your account will be deleted',
    body: [
      'As you asked, your account at {site} will be deleted on {date}, with everything that belongs to it.',
      'If you change your mind, or if this was not you, sign in before then and the account stays.',
    ],
    action: 'Keep my account',
    path: '/login',
    code: null,
    notes: ['You were signed out everywhere.'],
  },
  factor_enrolled: {
    subject: 'A second factor was added',
    title: 'A second factor was added',
    body: [
      'From now on, signing in to your account at {site} asks for a second factor that was just set up.',
      NOT_ME,
    ],
    action: 'It was not me',
    path: '/not-me',
    code: NOT_ME_CODE,
    notes: ['Was it you? Then there is nothing to do.'],
  },
  factor_removed: {
    subject: 'A second factor was removed',
    title: 'A second factor was removed',
    body: [
      'A second factor of your account at {site} was just removed; it is no longer asked for when you sign in.',
      NOT_ME,
    ],
    action: 'It was not me',
    path: '/not-me',
    code: NOT_ME_CODE,
    notes: ['Was it you? Then there is nothing to do.'],
  },
  recovery_codes_renewed: {
    subject: 'Your recovery codes were replaced',
    title: 'Your recovery codes were replaced',
    body: ['Your account at {site} just got ten new recovery codes. The earlier ones are void.', NOT_ME],
    action: 'It was not me',
    path: '/not-me',
    code: NOT_ME_CODE,
    notes: ['Was it you? Then there is nothing to do.'],
  },
  identity_joined: {
    subject: 'A way to sign in was added',
    title: 'Your account now opens with {provider}',
    body: [
      'Somebody with this address at {provider} just signed in to your account at {site}, and may do so from now on.',
      NOT_ME,
    ],
    action: 'It was not me',
    path: '/not-me',
    code: NOT_ME_CODE,
    notes: ['Was it you? Then there is nothing to do.'],
  },
  magic_link: {
    subject: 'Sign in to {site}',
    title: 'Sign in to {site}',
    body: ['Somebody, hopefully you, asked to be signed in to {site} with this address.'],
    action: 'Sign in',
    path: null,
    code: 'The button works in the browser that asked. If you read this elsewhere, type this code there:',
    notes: [
      'Link and code work once, for 15 minutes. Nobody from {site} will ever ask you for the code.',
      'Not you? Ignore this mail and give the code to nobody.',
    ],
  },
} as const satisfies Record<string, MailStrings>;

/**
 * What a project has a page for, below its own address, or an app at the address it named; and what stands before the
 * secret there. No other mail of a project but the default has anything to press: nothing there would take the secret.
 */
export const projectLinks: Partial<Record<MailKind, { path: string; fragment: string }>> = {
  email_verification: { path: '/verify', fragment: 'flux_verify' },
  password_reset: { path: '/reset', fragment: 'flux_reset' },
  magic_link: { path: '/magic', fragment: 'flux_magic' },
};

/** Pages of the server's own that take the mails of every project. */
export const sharedPages: ReadonlySet<MailKind> = new Set(['ip_authorization']);

export const notMe = {
  button: 'If this was not you, press the button: every session ends, and a mail for a new password is sent.',
  none: 'If this was not you, ask {site} for a new password where you sign in: every session ends with it.',
} as const;

/** A mail's link leads to the page of an app, which may have no field for a code. */
export const COPY_LINK = 'If the button does not open, copy this address into your browser:';

export interface MailStrings {
  subject: string;
  title: string;
  body: readonly string[];
  /**
   * What the button says; null for a mail without one, whose code is typed where it was asked for. A mail that can
   * tell a code and is sent without one has no button either.
   */
  action: string | null;
  /** Page of the default project that the button opens, on the public URL; null where each project has its own. */
  path: string | null;
  /** Told before the code; null for a mail without one. */
  code: string | null;
  notes: readonly string[];
}

export type MailKind = keyof typeof mailStrings;

/** What a mail of this kind is about, in a few words. */
export function subjectOf(kind: MailKind): string {
  return mailStrings[kind].subject;
}

export function isMailKind(kind: string): kind is MailKind {
  return Object.hasOwn(mailStrings, kind);
}
