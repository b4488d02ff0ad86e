/** Every sentence of what a sign-in may ask for after the first proof. */
export const stepStrings = {
  passkey: {
    signIn: 'Sign in with a passkey',
    confirm: 'Use a passkey',
    refused: 'The passkey was not used. Try again, or use another way.',
    unsupported: 'This browser cannot use passkeys. Use another way.',
    noScript: 'Passkeys need JavaScript. Switch it on for this site, or use another way.',
  },
  confirm: {
    title: 'Confirm it is you',
    lead: 'Your account asks for one more proof.',
    appCode: 'Code from your authenticator app',
    appHint: 'Six digits. One of your recovery codes will do, too.',
    recoveryCode: 'Recovery code',
    useRecoveryCode: 'Use a recovery code instead',
    submit: 'Confirm',
    smsSend: 'Send a code by SMS',
    smsTo: 'to',
    smsSent: 'A code is on its way to your phone.',
    smsCode: 'Code from the SMS',
    smsAgain: 'Send another code',
    or: 'or',
    another: 'Not you, or nothing works here?',
    anotherLink: 'Begin again',
  },
  back: {
    over: 'This sign-in took too long or had too many wrong tries. Begin again.',
    unanswered: 'The mail was not answered in time. Sign in again, and we send a new one.',
    refused: 'This sign-in was not allowed.',
  },
} as const;
