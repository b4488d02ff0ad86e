import { useQuery, useQueryClient } from '@tanstack/react-query';
import { SuspendedBanner, SuspensionControl } from '../account/index.ts';
import { keys, meQuery, type User, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Badge, PageHeading } from '../ui/index.ts';
import { Avatar, displayName, handle, StatusBadge } from '../users/index.ts';
import { AccountControl } from './account-control.tsx';
import { changedByActs } from './use-sensitive-action.ts';

/** Drawn before the user is known too: the heading has the focus by then, and replacing it would lose that. */
export function UserHeader({ user }: { user: User | undefined }) {
  const me = useQuery(meQuery(useAdminApi()));
  const mayWrite = useMay().administer('users', 'write');
  const isOwnAccount = user !== undefined && me.data?.user.id === user.id;

  return (
    <>
      <div className="user-header">
        {user && <Avatar user={user} />}
        <div className="user-header-text">
          <PageHeading title={user ? displayName(user) : strings.user.fallbackTitle}>
            {user && <HeadingBadges user={user} isOwnAccount={isOwnAccount} />}
          </PageHeading>
          {user && <p className="muted wrap-anywhere">{handle(user)}</p>}
        </div>
        {/* The server lets nobody do these to themselves, so nobody is offered them. */}
        {user && !isOwnAccount && mayWrite && (
          <div className="user-actions">
            <AccountControl user={user} />
            <UserSuspension user={user} />
          </div>
        )}
      </div>
      {user && <SuspendedBanner user={user} />}
    </>
  );
}

function UserSuspension({ user }: { user: User }) {
  const api = useAdminApi();
  const client = useQueryClient();
  return (
    <SuspensionControl
      name={displayName(user)}
      isSuspended={user.status === 'suspended'}
      calls={{
        suspend: (reason) => api.suspend(user.id, reason),
        restore: () => api.restore(user.id),
        changes: changedByActs(user.id),
        onChanged: (changed) => client.setQueryData(keys.user(user.id), changed),
      }}
    />
  );
}

function HeadingBadges({ user, isOwnAccount }: { user: User; isOwnAccount: boolean }) {
  return (
    <>
      <StatusBadge status={user.status} />
      {user.is_administrator && <Badge tone="accent">{strings.user.administrator}</Badge>}
      {isOwnAccount && <Badge>{strings.user.you}</Badge>}
    </>
  );
}
