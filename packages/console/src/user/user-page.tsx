import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { SessionsSection } from '../account/index.ts';
import { isProblem, sessionsQuery, type User, useAdminApi, userQuery } from '../api/index.ts';
import { AuditList } from '../audit/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../ui/index.ts';
import { displayName } from '../users/index.ts';
import { EmailsCard } from './emails-card.tsx';
import { FactorsCard } from './factors-card.tsx';
import { ProfileCard } from './profile-card.tsx';
import { RightsSection } from './rights-section.tsx';
import { changedByActs } from './use-sensitive-action.ts';
import { UserHeader } from './user-header.tsx';

const route = getRouteApi('/users/$userId');

export function UserPage() {
  const { userId } = route.useParams();
  const user = useQuery(userQuery(useAdminApi(), userId));

  return (
    <>
      <p className="crumb">
        <Link to="/">{strings.user.back}</Link>
      </p>
      <UserHeader key={userId} user={user.data} />
      {user.data !== undefined ? (
        <UserDetails key={userId} user={user.data} />
      ) : (
        <div className="card">
          {user.isError ? (
            <UserError error={user.error} onRetry={() => void user.refetch()} busy={user.isFetching} />
          ) : (
            <SkeletonRows count={5} />
          )}
        </div>
      )}
    </>
  );
}

function UserError({ error, ...retry }: { error: unknown; onRetry: () => void; busy: boolean }) {
  if (isProblem(error, 'not_found')) {
    return <EmptyState icon="users" title={strings.user.missingTitle} body={strings.user.missingBody} />;
  }
  return <ErrorState error={error} {...retry} />;
}

function UserDetails({ user }: { user: User }) {
  const may = useMay();
  return (
    <>
      <div className="columns">
        <ProfileCard user={user} />
        <div className="stack-cards">
          <EmailsCard emails={user.emails} />
          <FactorsCard user={user} />
        </div>
      </div>
      {may.administer('sessions', 'read') && <UserSessions user={user} />}
      <RightsSection userId={user.id} />
      {may.administer('audit', 'read') && (
        <section className="section" aria-labelledby="audit-title">
          <h2 id="audit-title">{strings.user.auditTitle}</h2>
          <AuditList filter={{ userId: user.id, event: '' }} showWho={false} />
        </section>
      )}
    </>
  );
}

function UserSessions({ user }: { user: User }) {
  const api = useAdminApi();
  const sessions = useQuery(sessionsQuery(api, user.id));
  return (
    <SessionsSection
      name={displayName(user)}
      mayWrite={useMay().administer('sessions', 'write')}
      source={{
        sessions,
        endOne: ({ id }) => api.endSession(user.id, id),
        endAll: () => api.endAllSessions(user.id),
        changes: changedByActs(user.id),
      }}
    />
  );
}
