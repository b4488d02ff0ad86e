import type { DevMail } from '../../delivery/index.ts';
import { strings } from './strings.ts';

export function MailboxView({ mails }: { mails: DevMail[] }) {
  return (
    <>
      <p class="muted">{strings.mailbox.lead}</p>
      {mails.length === 0 ? (
        <p>{strings.mailbox.empty}</p>
      ) : (
        <ul class="list">
          {mails.map((mail) => (
            <li key={mail.id}>
              <div class="grow">
                <strong>{mail.subject}</strong>
                <span class="small">
                  {strings.mailbox.to} {mail.to} ·{' '}
                  <time dateTime={new Date(mail.createdAt).toISOString()}>
                    {new Date(mail.createdAt).toUTCString()}
                  </time>
                </span>
                <pre>{mail.text}</pre>
                {mail.links.map((link) => (
                  <p key={link}>
                    <a href={link}>{link}</a>
                  </p>
                ))}
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
