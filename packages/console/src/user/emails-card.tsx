import type { Email } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Badge } from '../ui/index.ts';

export function EmailsCard({ emails }: { emails: readonly Email[] }) {
  return (
    <section className="card card-padded" aria-labelledby="emails-title">
      <h2 id="emails-title">{strings.user.emails}</h2>
      {emails.length === 0 ? (
        <p className="muted">{strings.user.emailsEmpty}</p>
      ) : (
        <ul className="emails">
          {emails.map((email) => (
            <li key={email.address}>
              <span className="wrap-anywhere">{email.address}</span>
              <span className="badges">
                {email.primary && <Badge>{strings.user.primary}</Badge>}
                {email.verified ? (
                  <Badge tone="good">{strings.user.verified}</Badge>
                ) : (
                  <Badge tone="warning">{strings.user.unverified}</Badge>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
