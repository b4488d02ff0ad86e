import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useAdminApi, usersQuery } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import {
  Button,
  EmptyState,
  ErrorState,
  LoadMore,
  PageHeading,
  SearchField,
  SkeletonRows,
  useDebouncedDraft,
} from '../ui/index.ts';
import { UsersTable } from './users-table.tsx';

const route = getRouteApi('/');

export function UsersPage() {
  const { query = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay().administer('users', 'write');
  const field = useRef<HTMLInputElement>(null);
  const search = useDebouncedDraft({
    committed: query,
    commit: (value) => void navigate({ search: { query: value || undefined }, replace: true }),
  });

  const clear = () => {
    search.setDraft('');
    field.current?.focus();
  };

  return (
    <>
      <div className="title-row">
        <PageHeading title={strings.users.title} />
        {mayWrite && (
          <Link to="/users/new" className="button button-primary">
            {strings.newUser.create}
          </Link>
        )}
      </div>
      <search>
        <form
          className="toolbar"
          onSubmit={(event) => {
            event.preventDefault();
            search.flush();
          }}
        >
          <SearchField
            label={strings.users.searchLabel}
            labelHidden
            inputRef={field}
            placeholder={strings.users.searchPlaceholder}
            value={search.draft}
            onChange={search.setDraft}
          />
        </form>
      </search>
      <UsersList query={query} onClear={clear} />
    </>
  );
}

function UsersList({ query, onClear }: { query: string; onClear: () => void }) {
  const users = useInfiniteQuery(usersQuery(useAdminApi(), query));

  if (users.data === undefined) {
    return (
      <div className="card">
        {users.isError ? (
          <ErrorState error={users.error} onRetry={() => void users.refetch()} busy={users.isFetching} />
        ) : (
          <SkeletonRows count={8} />
        )}
      </div>
    );
  }

  const found = users.data.pages.flatMap((page) => page.items);
  return (
    <>
      <p className="result-count muted" role="status">
        {strings.users.found(found.length, users.hasNextPage)}
      </p>
      <div className="card" aria-busy={users.isPlaceholderData} data-stale={users.isPlaceholderData}>
        {found.length > 0 ? <UsersTable users={found} /> : <NoUsers query={query} onClear={onClear} />}
      </div>
      {found.length > 0 && (
        <LoadMore
          hasMore={users.hasNextPage}
          loading={users.isFetchingNextPage}
          error={users.isFetchNextPageError ? users.error : null}
          onLoad={() => void users.fetchNextPage()}
          sayEnd={users.data.pages.length > 1}
        />
      )}
    </>
  );
}

function NoUsers({ query, onClear }: { query: string; onClear: () => void }) {
  if (query === '') {
    return <EmptyState icon="users" title={strings.users.emptyTitle} body={strings.users.emptyBody} />;
  }
  return (
    <EmptyState icon="search" title={strings.users.noMatchTitle(query)} body={strings.users.noMatchBody}>
      <Button onClick={onClear}>{strings.users.clearSearch}</Button>
    </EmptyState>
  );
}
