import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { isProblem, tokenQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Badge, EmptyState, ErrorState, PageHeading, SkeletonRows } from '../ui/index.ts';
import { ExpiredBadge } from './expired-badge.tsx';
import { TokenEditor } from './token-editor.tsx';

const route = getRouteApi('/settings/tokens/$tokenId');
const text = strings.tokens;

export function TokenPage() {
  const { tokenId } = route.useParams();
  const token = useQuery(tokenQuery(useAdminApi(), tokenId));
  const mayWrite = useMay().administer('tokens', 'write');

  return (
    <>
      <p className="crumb">
        <Link to="/settings/tokens">{text.back}</Link>
      </p>
      <PageHeading title={token.data?.name ?? text.fallbackTitle}>
        {token.data && <ExpiredBadge expiresAt={token.data.expires_at} />}
        {!mayWrite && <Badge>{strings.access.readOnly}</Badge>}
      </PageHeading>
      {token.data !== undefined ? (
        <TokenEditor key={tokenId} token={token.data} readOnly={!mayWrite} />
      ) : (
        <div className="card">
          {isProblem(token.error, 'not_found') ? (
            <EmptyState icon="key" title={text.missingTitle} body={text.missingBody} />
          ) : token.isError ? (
            <ErrorState error={token.error} onRetry={() => void token.refetch()} busy={token.isFetching} />
          ) : (
            <SkeletonRows count={5} />
          )}
        </div>
      )}
    </>
  );
}
