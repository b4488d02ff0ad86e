import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type Role, rolesQuery, useAdminApi } from '../api/index.ts';
import { RightsSummary, useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { EmptyState, PagedList, PageHeading, SearchToolbar } from '../ui/index.ts';

const route = getRouteApi('/settings/roles');
const text = strings.roles;
const { columns } = text;

export function RolesPage() {
  const { query = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay().administer('roles', 'write');
  const roles = useInfiniteQuery(rolesQuery(useAdminApi(), query));

  return (
    <>
      <div className="title-row">
        <PageHeading title={text.title} />
        {mayWrite && (
          <Link to="/settings/roles/new" className="button button-primary">
            {text.create}
          </Link>
        )}
      </div>
      <SearchToolbar
        label={text.searchLabel}
        placeholder={text.searchPlaceholder}
        query={query}
        onQuery={(value) => void navigate({ search: { query: value || undefined }, replace: true })}
      />
      <PagedList
        list={roles}
        found={text.found}
        empty={
          query === '' ? (
            <EmptyState icon="users" title={text.emptyTitle} body={text.emptyBody} />
          ) : (
            <EmptyState icon="search" title={text.noMatchTitle(query)} body={text.noMatchBody} />
          )
        }
      >
        {(items) => <RolesTable roles={items} />}
      </PagedList>
    </>
  );
}

function RolesTable({ roles }: { roles: readonly Role[] }) {
  return (
    <table className="table">
      <caption className="visually-hidden">{text.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.code}</th>
          <th scope="col">{columns.permissions}</th>
          <th scope="col">{columns.created}</th>
          <th scope="col">{columns.updated}</th>
        </tr>
      </thead>
      <tbody>
        {roles.map((role) => (
          <tr key={role.code} className="row-link">
            <td className="cell-lead">
              <Link
                to="/settings/roles/$code"
                params={{ code: role.code }}
                className="identity-name wrap-anywhere"
              >
                {role.code}
              </Link>
            </td>
            <td data-label={columns.permissions}>
              <RightsSummary permissions={role.permissions} />
            </td>
            <td data-label={columns.created}>
              <Time iso={role.created_at} />
            </td>
            <td data-label={columns.updated}>
              <Time iso={role.updated_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
