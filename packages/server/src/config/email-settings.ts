import { z } from 'zod';
import { issuedSecret, mailAddress, onOff, optionalText, whole } from './kinds.ts';
import type { Config } from './load.ts';
import { setting } from './setting.ts';

const unset: string | undefined = undefined;

/** Mail as a Fluxer server's file says it (contract 8.1); `smtp_url` and `mail_from` say the same shorter. */
export const emailSettings = {
  emailEnabled: setting({
    path: 'integrations.email.enabled',
    schema: onOff.optional(),
    default: undefined as boolean | undefined,
    about: '`off` sends no mail though a server is named. Unset: on as soon as one is.',
  }),
  emailProvider: setting({
    path: 'integrations.email.provider',
    schema: z.enum(['smtp', 'none'], 'use smtp or none'),
    default: 'smtp' as 'smtp' | 'none',
    about: '`none` is as `integrations.email.enabled` off.',
  }),
  emailHost: setting({
    path: 'integrations.email.smtp.host',
    schema: optionalText.refine(
      (value) => value === undefined || /^([\w.-]+|\[[\da-fA-F:.]+\])$/.test(value),
      'use a name or an address, without scheme and port',
    ),
    default: unset,
    about: 'Mail server, in place of `smtp_url`.',
  }),
  emailPort: setting({
    path: 'integrations.email.smtp.port',
    schema: whole(1, 65_535).optional(),
    default: undefined as number | undefined,
    about: 'Its port. Unset: 587, or 465 when `integrations.email.smtp.secure` is on.',
  }),
  emailUsername: setting({
    path: 'integrations.email.smtp.username',
    schema: optionalText,
    default: unset,
    about: 'Name to sign in to it with.',
  }),
  emailPassword: setting({
    path: 'integrations.email.smtp.password',
    schema: issuedSecret,
    default: unset,
    secret: true,
    about: 'Password that belongs to that name.',
  }),
  emailSecure: setting({
    path: 'integrations.email.smtp.secure',
    schema: onOff,
    default: false,
    about: 'TLS from the first byte, as on port 465. Off: TLS by STARTTLS.',
  }),
  emailFrom: setting({
    path: 'integrations.email.from_email',
    schema: mailAddress,
    default: '',
    about: 'Address of the sender, in place of `mail_from`.',
  }),
  emailFromName: setting({
    path: 'integrations.email.from_name',
    schema: optionalText.refine(
      (value) => value === undefined || /^[^<>"\\\p{Cc}]+$/u.test(value),
      'use a name without quotes, brackets and line breaks',
    ),
    default: unset,
    about: 'Name of the sender. Unset: the site name.',
  }),
  emailWebhookSecret: setting({
    path: 'integrations.email.webhook_secret',
    schema: issuedSecret,
    default: unset,
    secret: true,
    about: 'Not used yet: taken so that a file written for it starts; no mail provider reports back.',
  }),
};

/** What `smtp_url` and `mail_from` come to, when the block above says it. */
export function mailOf(values: Omit<Config, 'origins'>): Pick<Config, 'smtpUrl' | 'mailFrom'> {
  const { emailHost, emailUsername, emailPassword, emailSecure, emailFrom } = values;
  const login =
    emailUsername === undefined
      ? ''
      : `${encodeURIComponent(emailUsername)}:${encodeURIComponent(emailPassword ?? '')}@`;
  const port = values.emailPort ?? (emailSecure ? 465 : 587);
  const named =
    emailHost === undefined
      ? values.smtpUrl
      : `${emailSecure ? 'smtps' : 'smtp'}://${login}${emailHost}:${port}`;
  const isOff = values.emailEnabled === false || values.emailProvider === 'none';
  const name = values.emailFromName ?? values.siteName.replace(/[<>"\\\p{Cc}]/gu, '');
  return {
    smtpUrl: isOff ? '' : named,
    mailFrom: emailFrom === '' ? values.mailFrom : `"${name}" <${emailFrom}>`,
  };
}

/** What is said twice, or by halves, in the settings as they were given. */
export function mailProblems(given: Omit<Config, 'origins'>, isSenderSet: boolean): string[] {
  const isOff = given.emailEnabled === false || given.emailProvider === 'none';
  const problems = [
    given.smtpUrl !== '' &&
      given.emailHost !== undefined &&
      'smtp_url and integrations.email.smtp.host both name a mail server. Keep one.',
    given.smtpUrl !== '' &&
      isOff &&
      'smtp_url names a mail server, but integrations.email switches mail off. Keep one.',
    given.emailEnabled === true &&
      (given.emailProvider === 'none' || (given.smtpUrl === '' && given.emailHost === undefined)) &&
      'integrations.email.enabled is on, but no mail server is named. Set integrations.email.smtp.host, or smtp_url.',
    given.emailHost === undefined &&
      (given.emailUsername !== undefined || given.emailPassword !== undefined) &&
      'integrations.email.smtp has credentials, but no host. Set integrations.email.smtp.host.',
    (given.emailUsername === undefined) !== (given.emailPassword === undefined) &&
      'integrations.email.smtp.username and integrations.email.smtp.password go together. Set both.',
    isSenderSet &&
      given.emailFrom !== '' &&
      'mail_from and integrations.email.from_email both name a sender. Keep one.',
    given.emailFromName !== undefined &&
      given.emailFrom === '' &&
      'integrations.email.from_name has no address. Set integrations.email.from_email.',
  ];
  return problems.filter((problem) => problem !== false);
}
