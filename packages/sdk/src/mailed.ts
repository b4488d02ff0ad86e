import type { Calls } from './calls.ts';
import { optionalFields } from './sign-in.ts';
import { type FluxUser, userFrom } from './user.ts';
import type { WireSignedIn } from './wire.ts';

export interface MailTo {
  email: string;
  /** The page that the mail's link opens, as the project's `redirect_urls` have it. Default: the server's own page. */
  redirectUrl?: string;
  /** The answer of the CAPTCHA, while `getSettings` names one. Good for one call. */
  captchaToken?: string;
}

export interface MagicLinkSent {
  /** Stays with who asked, and is needed to finish: a mail that was opened elsewhere signs nobody in there. */
  attempt: string;
  /** ISO 8601. */
  expiresAt: string;
}

/** The link's token, or the six digits that the same mail has. */
export type MagicLinkProof = { token: string } | { code: string };

/** Ways in that lead through a mail, and what else a password needs. */
export interface Mailed {
  /** Mails a link that signs in, and makes the account at first use. Answers the same whether there is one or not. */
  sendMagicLink(mail: MailTo): Promise<MagicLinkSent>;
  /** Rejects with `invalid_code` for a wrong code while there are tries left, and with `invalid_link` for all else. */
  completeMagicLink(proof: { attempt: string } & MagicLinkProof): Promise<FluxUser>;
  /** Mails a link to choose a new password. Answers the same whether there is an account or not. */
  startPasswordReset(mail: MailTo): Promise<void>;
  /** Ends all sessions the user had, and signs in. */
  finishPasswordReset(reset: { token: string; password: string }): Promise<FluxUser>;
  /** Mails the signed-in user a link that confirms the address. */
  sendEmailVerification(token: string, mail?: { redirectUrl?: string }): Promise<void>;
  finishEmailVerification(link: { token: string }): Promise<void>;
  /** Ends the user's other sessions; the token to go on with is in the user's `sessionToken`. */
  changePassword(
    token: string,
    passwords: { currentPassword: string; newPassword: string },
  ): Promise<FluxUser>;
}

interface Parts {
  /** With the publishable key. */
  calls: Calls;
  /** With whichever key there is. */
  sessionCalls: Calls;
}

export function createMailed({ calls, sessionCalls }: Parts): Mailed {
  const finish = async (path: string, body: Record<string, unknown>) =>
    userFrom(await calls.ask<WireSignedIn>({ path, body, repeatable: false }));

  return {
    async sendMagicLink(mail) {
      const path = '/flux/v1/magic_links';
      const answer = await calls.ask<{ attempt: string; expires_at: string }>({
        ...{ path, body: bodyOf(mail), repeatable: false },
      });
      return { attempt: answer.attempt, expiresAt: answer.expires_at };
    },
    completeMagicLink({ attempt, ...proof }) {
      const shown = 'token' in proof ? { token: proof.token } : { code: proof.code };
      return finish('/flux/v1/magic_links/verify', { attempt, ...shown });
    },
    async startPasswordReset(mail) {
      const path = '/flux/v1/password_reset/start';
      await calls.ask({ path, body: bodyOf(mail), repeatable: false });
    },
    finishPasswordReset: ({ token, password }) =>
      finish('/flux/v1/password_reset/finish', { token, password }),
    async sendEmailVerification(session, { redirectUrl } = {}) {
      const path = '/flux/v1/email_verification/start';
      const body = optionalFields({ redirectUrl });
      await sessionCalls.ask({ path, body, session, repeatable: false });
    },
    async finishEmailVerification({ token }) {
      await calls.ask({ path: '/flux/v1/email_verification/finish', body: { token }, repeatable: false });
    },
    async changePassword(session, { currentPassword, newPassword }) {
      const path = '/flux/v1/password/change';
      const body = { current_password: currentPassword, new_password: newPassword };
      return userFrom(await sessionCalls.ask<WireSignedIn>({ path, body, session, repeatable: false }));
    },
  };
}

const bodyOf = ({ email, ...rest }: MailTo) => ({ email, ...optionalFields(rest) });
