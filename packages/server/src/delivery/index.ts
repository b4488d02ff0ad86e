/**
 * Owns everything that leaves the server: the transactional outbox with its retries, mail by SMTP or into the dev
 * mailbox, codes by SMS (`sms/`), and web push (`push/`). Does not decide what is sent or to whom; core puts that into the outbox, in
 * its own transaction, or asks for a code outside any.
 */
export { createDevMailbox, type DevMail, type DevMailbox, forgetDevMail } from './dev-mailbox.ts';
export { createMailer } from './mail/mailer.ts';
export type { MailSite } from './mail/render.tsx';
export { createSmtpTransport, UnknownMailboxError } from './mail/smtp.ts';
export { type MailKind, subjectOf } from './mail/strings.ts';
export { deliveryMigrations } from './migrations.ts';
export { createOutbox, deleteGivenUp, type Outbox, type OutboxItem } from './outbox.ts';
export { createOutboxWorker } from './outbox-worker.ts';
