import { createTransport } from 'nodemailer';

export interface OutgoingMail {
  /** Exactly one address; it has passed our own strict grammar. */
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** One way for a mail to leave. */
export interface MailTransport {
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
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
    async send({ to, subject, text, html }) {
      await transport.sendMail({
        from,
        to: { name: '', address: to },
        envelope: { from: sender, to: [to] },
        subject,
        text,
        html,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    },
    close: () => transport.close(),
  };
}
