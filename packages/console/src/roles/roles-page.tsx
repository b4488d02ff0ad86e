import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type Role, rolesQuery, useAdminApi } from '../api/index.ts';
import { RightsSummary, useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { ListPage, Table } from '../ui/index.ts';

const route = getRouteApi('/settings/roles');
const text = strings.roles;
const { columns } = text;

export function RolesPage() {
  const { query = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay().administer('roles', 'write');
  const roles = useInfiniteQuery(rolesQuery(useAdminApi(), query));

  return (
    <ListPage
      title={text.title}
      text={text}
      icon="users"
      list={roles}
      search={{
        text,
        query,
        onQuery: (value) => void navigate({ search: { query: value || undefined }, replace: true }),
      }}
      action={
        mayWrite && (
          <Link to="/settings/roles/new" className="button button-primary">
            {text.create}
          </Link>
        )
      }
    >
      {(items) => <RolesTable roles={items} />}
    </ListPage>
  );
}

function RolesTable({ roles }: { roles: readonly Role[] }) {
  return (
    <Table
      caption={text.caption}
      columns={[columns.code, columns.permissions, columns.created, columns.updated]}
    >
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
    </Table>
  );
}
