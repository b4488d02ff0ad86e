import type { DevMailbox } from '../dev-mailbox.ts';
import type { MailItem } from '../outbox.ts';
import { type MailSite, renderMail } from './render.tsx';
import type { MailTransport } from './smtp.ts';

interface Mailer {
  /** Renders one mail and hands it over; rejects when it could not be, and the outbox tries again. */
  deliver(item: MailItem): Promise<void>;
}

interface Dependencies {
  /** In whose name a mail of a project speaks, and where its pages are. */
  siteOf(projectId: string | null): Promise<MailSite>;
  /** Null while no SMTP server is configured. */
  transport: MailTransport | null;
  /** Null while it is off. */
  devMailbox: DevMailbox | null;
}

export function createMailer({ siteOf, transport, devMailbox }: Dependencies): Mailer {
  return {
    async deliver({ kind, to, values, projectId, linkTo = null }) {
      if (!transport && !devMailbox) {
        throw new Error(
          'There is no way for mail to leave: set FLUXGATE_SMTP_URL, or FLUXGATE_DEV_MAILBOX=on.',
        );
      }
      const site = await siteOf(projectId);
      const mail = renderMail(kind, values, site, linkTo);
      await transport?.send({ to, senderName: site.isDefault ? null : site.name, ...mail });
      await devMailbox?.keep({ to, kind, ...mail });
    },
  };
}
