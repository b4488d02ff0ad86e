import { createTransport } from 'nodemailer';

interface OutgoingMail {
  /** Exactly one address; it has passed our own strict grammar. */
  to: string;
  /** Who it is from, by name; null for the name that the operator has set. */
  senderName: string | null;
  subject: string;
  text: string;
  html: string;
}

/** One way for a mail to leave. */
export interface MailTransport {
  /** Rejects with `UnknownMailboxError` when the server says that there is no such mailbox, and never will be. */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

/** No later try would do better. */
export class UnknownMailboxError extends Error {
  override readonly name = 'UnknownMailboxError';
  readonly code = 'EENVELOPE';

  constructor(cause: unknown) {
    super('The mail server knows no such mailbox.', { cause });
  }
}

/**
 * RFC 3463: no such mailbox, no such domain, moved away, or a domain that takes no mail. Other refusals (a full
 * mailbox, a blocked sender, a relay that is not ours) say nothing of the address.
 */
const UNKNOWN = /\b5\.1\.(1|2|6|10)\b/;

function isUnknownMailbox(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { command, response } = error as { command?: unknown; response?: unknown };
  return command === 'RCPT TO' && typeof response === 'string' && UNKNOWN.test(response);
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;

/**
 * Mail over SMTP. The envelope is given explicitly: what the server is told to deliver to is the stored address,
 * byte for byte, and never what some parser made of a header (bug 62).
 */
export function createSmtpTransport({ url, from }: { url: string; from: string }): MailTransport {
  const transport = createTransport(url, {
    from,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as object);
  Object.assign(transport.options, {
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
  });
  const sender = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
  return {
    async send({ to, senderName, subject, text, html }) {
      try {
        await transport.sendMail({
          from: senderName === null ? from : { name: senderName, address: sender },
          to: { name: '', address: to },
          envelope: { from: sender, to: [to] },
          subject,
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw isUnknownMailbox(error) ? new UnknownMailboxError(error) : error;
      }
    },
    close: () => transport.close(),
  };
}
