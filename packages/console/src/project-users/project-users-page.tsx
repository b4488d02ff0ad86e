import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type AuthUser, authUsersQuery, useAdminApi } from '../api/index.ts';
import { useProject } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { Time, TimeOrNever } from '../time/index.ts';
import { Badge, SearchedList, Table } from '../ui/index.ts';
import { StatusBadge } from '../users/index.ts';

const route = getRouteApi('/projects/$projectId/users');
const text = strings.projectUsers;
const { columns } = text;

export function ProjectUsersPage() {
  const { query = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const { project } = useProject();
  const users = useInfiniteQuery(authUsersQuery(useAdminApi(), project.id, query));

  return (
    <section aria-labelledby="users-title">
      <h2 id="users-title">{text.title}</h2>
      <SearchedList
        text={text}
        icon="users"
        list={users}
        search={{
          text,
          query,
          onQuery: (value) => void navigate({ search: { query: value || undefined }, replace: true }),
        }}
      >
        {(items) => <UsersTable projectId={project.id} users={items} />}
      </SearchedList>
    </section>
  );
}

function UsersTable({ projectId, users }: { projectId: string; users: readonly AuthUser[] }) {
  return (
    <Table
      caption={text.caption}
      columns={[columns.user, columns.status, columns.mfa, columns.created, columns.lastSeen]}
    >
      {users.map((user) => (
        <tr key={user.id} className="row-link">
          <td className="cell-lead">
            <span className="stack">
              <Link
                to="/projects/$projectId/users/$userId"
                params={{ projectId, userId: user.id }}
                className="identity-name wrap-anywhere"
              >
                {user.email ?? text.noEmail}
              </Link>
              <code className="muted wrap-anywhere">{user.id}</code>
            </span>
          </td>
          <td data-label={columns.status}>
            <span className="badges">
              <StatusBadge status={user.status} />
              {user.email !== null && !user.email_verified && <Badge tone="warning">{text.unverified}</Badge>}
            </span>
          </td>
          <td data-label={columns.mfa}>
            <FactorsCell user={user} />
          </td>
          <td data-label={columns.created}>
            <Time iso={user.created_at} />
          </td>
          <td data-label={columns.lastSeen}>
            <TimeOrNever iso={user.last_seen_at} never={strings.users.never} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function FactorsCell({ user: { factors, mfa_required } }: { user: AuthUser }) {
  const names = factors.map((factor) => strings.factors.names[factor] ?? factor).join(', ');
  return (
    <span className="badges">
      {names || (!mfa_required && <span className="muted">{strings.common.none}</span>)}
      {mfa_required && <Badge>{text.required}</Badge>}
    </span>
  );
}
