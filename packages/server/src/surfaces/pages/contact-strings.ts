import type { ChangeRefusal } from '../../core/errors.ts';

/** Every sentence about changing the address and the password. */
export const contactStrings = {
  cancel: 'Not now',
  again: 'Send another code',
  wasSent: 'A new code is on its way.',
  email: {
    // A hyphen at which no line ends: else a narrow heading reads “e-” and “mail”.
    title: 'Change your e\u2011mail address',
    now: 'Your address now:',
    leadProved: 'We first send a code there, and then one to the new address.',
    leadUnproved: 'We send a code to the new address.',
    begin: 'Begin',
    originalTitle: 'First the address you have',
    original: (address: string) => `A code is on its way to ${address}.`,
    code: 'Code from the mail',
    next: 'Go on',
    newTitle: 'Now the new address',
    newEmail: 'New e-mail address',
    send: 'Send a code there',
    applyTitle: 'Prove the new address',
    sent: (address: string) => `A code is on its way to ${address}.`,
    apply: 'Change the address',
  },
  password: {
    title: 'Change your password',
    firstTitle: 'Choose a password',
    lead: 'You will be signed out everywhere else.',
    current: 'Current password',
    new: 'New password',
    submit: 'Change the password',
    forgotten: 'You do not know it any more?',
    byMail: 'Change it by a code in your mailbox',
    codeTitle: 'Type the code from the mail',
    sent: (address: string) => `A code is on its way to ${address}.`,
    code: 'Code from the mail',
    next: 'Go on',
  },
} as const;

/** What a step of a change by mail reads like when it is refused, and the field it belongs to. */
export const changeRefusals: Record<ChangeRefusal, { text: string; field?: string }> = {
  'ticket-unknown': { text: 'That took too long, or there were too many wrong codes. Begin again.' },
  'ticket-completed': { text: 'This change is made already.' },
  'no-address': { text: 'Your account has no e-mail address.' },
  'original-proved': { text: 'This address is proved already.' },
  'original-missing': { text: 'Your account has no e-mail address.' },
  'original-not-asked': { text: 'This address needs no proof. Begin again.' },
  'original-not-proved': { text: 'Prove the address you have first.' },
  'original-proof-wrong': { text: 'That took too long. Begin again.' },
  'new-address-missing': { text: 'Tell us the new address first.', field: 'email' },
  'address-same': { text: 'This is your address already.', field: 'email' },
  'address-unreachable': {
    text: 'No mail can arrive at this address. Look for a typing mistake.',
    field: 'email',
  },
  'address-taken': { text: 'This address cannot be used.', field: 'email' },
  'code-not-issued': { text: 'Ask for a code first.', field: 'mailCode' },
  'code-expired': { text: 'This code is too old. Ask for another.', field: 'mailCode' },
  'code-wrong': { text: 'The code is wrong.', field: 'mailCode' },
  'proof-wrong': { text: 'That took too long. Begin again.' },
  'email-token-unknown': { text: 'That took too long. Begin again.' },
  'email-token-expired': { text: 'That took too long. Begin again.' },
};
