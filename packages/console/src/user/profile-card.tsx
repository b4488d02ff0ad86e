import type { User } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { CopiedValue, Fact } from '../ui/index.ts';
import { handle } from '../users/index.ts';

const { facts } = strings.user;

export function ProfileCard({ user }: { user: User }) {
  return (
    <section className="card card-padded" aria-labelledby="profile-title">
      <h2 id="profile-title">{strings.user.profile}</h2>
      <dl className="facts">
        <Fact name={facts.id}>
          <CopiedValue value={user.id} what={strings.user.idName} />
        </Fact>
        <Fact name={facts.username}>{handle(user)}</Fact>
        {user.login_name !== null && <Fact name={facts.loginName}>{user.login_name}</Fact>}
        <Fact name={facts.displayName}>{user.global_name ?? strings.common.none}</Fact>
        <Fact name={facts.role}>
          {user.is_administrator ? strings.user.roleAdministrator : strings.user.roleMember}
        </Fact>
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
