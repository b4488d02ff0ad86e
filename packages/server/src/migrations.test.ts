import { describe, expect, it } from 'vitest';
import { migrations } from './migrations.ts';

/** What has been released. Lines are added at the end and never changed: databases out there have run them. */
const RELEASED = [
  '2026-11-22-00-instance',
  '2026-11-22-01-project',
  '2026-11-22-02-user',
  '2026-11-22-03-audit',
  '2026-11-22-04-profile',
  '2026-11-22-05-counter',
  '2026-11-22-06-link-token',
  '2026-11-22-07-contact',
  '2026-11-22-08-session',
  '2026-11-22-09-access',
  '2026-11-22-10-password',
  '2026-11-22-11-delivery',
  '2026-11-22-20-user-factors',
  '2026-11-22-21-sign-in-ticket',
  '2026-11-22-30-totp',
  '2026-11-22-31-recovery-code',
  '2026-11-22-32-phone-code',
  '2026-11-22-32-sms-code',
  '2026-11-22-32-sms-credential',
  '2026-11-22-33-passkey',
  '2026-11-22-34-location',
  '2026-11-22-35-handoff',
  '2026-11-22-36-contact-bounced',
  '2026-11-22-36-contact-change',
  '2026-11-22-36-mailed-code',
  '2026-11-22-36-password-change',
  '2026-11-22-37-push-subscription',
  '2026-11-22-37-vapid-key',
  '2026-11-22-38-captcha-solution',
  '2026-11-22-39-event',
  '2026-11-22-40-former-user',
  '2026-11-22-41-picture',
  '2026-11-22-42-user-suspicion',
  '2026-11-22-50-role',
  '2026-11-22-51-api-token',
  '2026-11-22-52-role-member',
  '2026-11-22-53-login-name',
  '2026-11-22-54-user-number',
  '2026-11-22-55-site',
  '2026-11-22-56-external-identity',
  '2026-11-22-56-session-upstream',
  '2026-11-22-56-sso-attempt',
  '2026-11-22-60-project-key',
  '2026-11-22-61-signing-key',
  '2026-11-22-62-event-project',
  '2026-11-22-63-session-proofs',
  '2026-11-22-64-contact-by-user-and-kind',
  '2026-11-22-70-return-code',
  '2026-11-22-71-project-provider',
  '2026-11-22-72-social-attempt',
  '2026-11-22-73-magic-link',
  '2026-11-22-76-passkey-relying-party',
  '2026-11-22-78-user-factor-demand',
  '2026-11-22-79-factor-challenge',
  '2026-11-22-80-step-up-ticket',
  '2026-11-22-84-project-key-end',
];

describe('migrations', () => {
  it('are only ever added to, under names that begin with their date', () => {
    const names = migrations.map(({ name }) => name).sort();
    expect(names).toEqual(RELEASED);
    expect(names.every((name) => /^\d{4}-\d{2}-\d{2}-\d{2}-[a-z-]+$/.test(name))).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });
});
