import { useQuery } from '@tanstack/react-query';
import { meQuery, type User, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Badge, PageHeading } from '../ui/index.ts';
import { Avatar, displayName, handle, StatusBadge } from '../users/index.ts';
import { AccountControl } from './account-control.tsx';
import { SuspensionControl } from './suspension-control.tsx';

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
            <SuspensionControl user={user} />
          </div>
        )}
      </div>
      {user?.status === 'suspended' && (
        <div className="banner">
          <p className="strong">{strings.suspension.banner}</p>
          {user.suspended_reason !== null && <p>{strings.suspension.bannerReason(user.suspended_reason)}</p>}
        </div>
      )}
    </>
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
