import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type ApiToken, tokensQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { focusPageHeading, ListPage } from '../ui/index.ts';
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
      <ListPage
        title={text.title}
        text={text}
        icon="key"
        list={tokens}
        search={{
          text,
          query,
          onQuery: (value) => void navigate({ search: { query: value || undefined }, replace: true }),
        }}
        action={
          mayWrite && (
            <Link to="/settings/tokens/new" className="button button-primary">
              {text.create}
            </Link>
          )
        }
      >
        {(items) => <TokensTable tokens={items} onDelete={mayWrite ? setDeleting : null} />}
      </ListPage>
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
