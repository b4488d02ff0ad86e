import type { AuthUserDetail } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Badge, CopiedValue, Fact } from '../ui/index.ts';

const text = strings.projectUser;
const { facts } = strings.user;

export function ProfileCard({ user }: { user: AuthUserDetail }) {
  return (
    <section className="card card-padded" aria-labelledby="profile-title">
      <h2 id="profile-title">{text.profile}</h2>
      <dl className="facts">
        <Fact name={facts.id}>
          <CopiedValue value={user.id} what={strings.user.idName} />
        </Fact>
        <Fact name={text.email}>
          {user.emails.length === 0 && strings.users.noEmail}
          {user.emails.map(({ address, verified }) => (
            <p key={address} className="wrap-anywhere">
              {address}{' '}
              {verified ? (
                <Badge tone="good">{strings.user.verified}</Badge>
              ) : (
                <Badge tone="warning">{strings.user.unverified}</Badge>
              )}
            </p>
          ))}
        </Fact>
        <Fact name={text.signsInWith}>{waysOf(user).join(', ') || text.nothing}</Fact>
        <Fact name={facts.created}>
          <Time iso={user.created_at} withAbsolute />
        </Fact>
        <Fact name={facts.lastSeen}>
          {user.last_seen_at === null ? strings.users.never : <Time iso={user.last_seen_at} withAbsolute />}
        </Fact>
      </dl>
    </section>
  );
}

function waysOf({ has_password, passkeys, identities }: AuthUserDetail): string[] {
  return [
    ...(has_password ? [text.password] : []),
    ...(passkeys > 0 ? [text.passkeys(passkeys)] : []),
    ...identities.map(({ issuer }) => (URL.canParse(issuer) ? new URL(issuer).hostname : issuer)),
  ];
}
