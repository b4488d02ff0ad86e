import type { DevMailbox } from '../dev-mailbox.ts';
import type { OutboxItem } from '../outbox.ts';
import { renderMail } from './render.tsx';
import type { MailTransport } from './smtp.ts';

export interface Mailer {
  /** Renders one mail and hands it over; rejects when it could not be, and the outbox tries again. */
  deliver(item: OutboxItem): Promise<void>;
}

interface Dependencies {
  site: { name: string; publicUrl: string };
  /** Null while no SMTP server is configured. */
  transport: MailTransport | null;
  /** Null while it is off. */
  devMailbox: DevMailbox | null;
}

export function createMailer({ site, transport, devMailbox }: Dependencies): Mailer {
  return {
    async deliver({ kind, to, values }) {
      if (!transport && !devMailbox) {
        throw new Error(
          'There is no way for mail to leave: set FLUXGATE_SMTP_URL, or FLUXGATE_DEV_MAILBOX=on.',
        );
      }
      const mail = renderMail(kind, values, site);
      await transport?.send({ to, ...mail });
      await devMailbox?.keep({ to, kind, ...mail });
    },
  };
}
