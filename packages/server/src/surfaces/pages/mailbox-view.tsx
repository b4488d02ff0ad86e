import type { DevMail } from '../../delivery/index.ts';
import { Time } from '../../pages-kit/index.ts';
import { strings } from './page-strings.ts';

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
                  {strings.mailbox.to} {mail.to} · <Time at={mail.createdAt} />
                </span>
                <pre>{mail.text}</pre>
                {mail.links.map((link) => (
                  <a
                    key={link}
                    class="button quiet"
                    href={link}
                    aria-label={`${strings.mailbox.open}: ${mail.subject}, ${mail.to}`}
                  >
                    {strings.mailbox.open}
                  </a>
                ))}
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
