import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { SessionsSection, SuspendedBanner, SuspensionControl } from '../account/index.ts';
import {
  type AuthUserAddress,
  type AuthUserDetail,
  authSessionsQuery,
  authUserQuery,
  isProblem,
  keys,
  useAdminApi,
} from '../api/index.ts';
import { useProject } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/index.ts';
import { StatusBadge } from '../users/index.ts';
import { DeleteControl } from './delete-control.tsx';
import { FactorsCard } from './factors-card.tsx';
import { ProfileCard } from './profile-card.tsx';

const route = getRouteApi('/projects/$projectId/users/$userId');
const text = strings.projectUser;

export function ProjectUserPage() {
  const at = route.useParams();
  const user = useQuery(authUserQuery(useAdminApi(), at));

  return (
    <>
      <p className="crumb">
        <Link to="/projects/$projectId/users" params={{ projectId: at.projectId }}>
          {text.back}
        </Link>
      </p>
      {user.data !== undefined ? (
        <UserDetails key={at.userId} at={at} user={user.data} />
      ) : (
        <div className="card">
          {isProblem(user.error, 'not_found') ? (
            <EmptyState icon="users" title={strings.user.missingTitle} body={text.missingBody} />
          ) : user.isError ? (
            <ErrorState error={user.error} onRetry={() => void user.refetch()} busy={user.isFetching} />
          ) : (
            <SkeletonRows count={5} />
          )}
        </div>
      )}
    </>
  );
}

function UserDetails({ at, user }: { at: AuthUserAddress; user: AuthUserDetail }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const { readOnly } = useProject();
  const sessions = useQuery(authSessionsQuery(api, at));
  const name = user.email ?? user.id;
  const changes = [keys.authUser(at), keys.authUsers(at.projectId), keys.authSessions(at), keys.audit];
  const onChanged = (changed: AuthUserDetail) => client.setQueryData(keys.authUser(at), changed);
  return (
    <>
      <div className="section-heading">
        <div className="page-heading">
          <h2 className="user-name wrap-anywhere">{name}</h2>
          <StatusBadge status={user.status} />
        </div>
        {!readOnly && (
          <div className="user-actions">
            <DeleteControl at={at} name={name} />
            <SuspensionControl
              name={name}
              isSuspended={user.status === 'suspended'}
              calls={{
                suspend: (reason) => api.suspendAuthUser(at, reason),
                restore: () => api.restoreAuthUser(at),
                changes,
                onChanged,
              }}
            />
          </div>
        )}
      </div>
      <SuspendedBanner user={user} />
      <div className="columns">
        <ProfileCard user={user} />
        <FactorsCard at={at} user={user} readOnly={readOnly} />
      </div>
      <SessionsSection
        name={name}
        mayWrite={!readOnly}
        source={{
          sessions,
          endOne: ({ id }) => api.endAuthSession(at.projectId, id),
          endAll: () => api.endAuthSessionsOfUser(at),
          changes,
        }}
      />
    </>
  );
}
