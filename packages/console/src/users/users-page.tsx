import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useAdminApi, usersQuery } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { ListPage } from '../ui/index.ts';
import { UsersTable } from './users-table.tsx';

const route = getRouteApi('/');
const text = strings.users;

export function UsersPage() {
  const { query = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay().administer('users', 'write');
  const users = useInfiniteQuery(usersQuery(useAdminApi(), query));

  return (
    <ListPage
      title={text.title}
      text={text}
      icon="users"
      list={users}
      search={{
        text,
        query,
        onQuery: (value) => void navigate({ search: { query: value || undefined }, replace: true }),
      }}
      action={
        mayWrite && (
          <Link to="/users/new" className="button button-primary">
            {strings.newUser.create}
          </Link>
        )
      }
    >
      {(items) => <UsersTable users={items} />}
    </ListPage>
  );
}
