import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type ApiToken, tokensQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { EmptyState, focusPageHeading, PagedList, PageHeading, SearchToolbar } from '../ui/index.ts';
import { DeleteTokenDialog } from './delete-token-dialog.tsx';
import { TokensTable } from './tokens-table.tsx';

const route = getRouteApi('/settings/tokens');
const text = strings.tokens;

export function TokensPage() {
  const { query = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay().administer('tokens', 'write');
  const tokens = useInfiniteQuery(tokensQuery(useAdminApi(), query));
  const [deleting, setDeleting] = useState<ApiToken | null>(null);

  return (
    <>
      <div className="title-row">
        <PageHeading title={text.title} />
        {mayWrite && (
          <Link to="/settings/tokens/new" className="button button-primary">
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
        list={tokens}
        found={text.found}
        empty={
          query === '' ? (
            <EmptyState icon="key" title={text.emptyTitle} body={text.emptyBody} />
          ) : (
            <EmptyState icon="search" title={text.noMatchTitle(query)} body={text.noMatchBody} />
          )
        }
      >
        {(items) => <TokensTable tokens={items} onDelete={mayWrite ? setDeleting : null} />}
      </PagedList>
      {deleting !== null && (
        <DeleteTokenDialog
          token={deleting}
          onDone={() => {
            setDeleting(null);
            // The button that opened the dialog goes away with its row.
            requestAnimationFrame(focusPageHeading);
          }}
          onDismiss={() => setDeleting(null)}
        />
      )}
    </>
  );
}
