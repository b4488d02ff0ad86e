import { useInfiniteQuery } from '@tanstack/react-query';
import { type AuditFilter, auditQuery, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { EmptyState, ErrorState, LoadMore, SkeletonRows } from '../ui/index.ts';
import { AuditTable } from './audit-table.tsx';

interface AuditListProps {
  filter: AuditFilter;
  /** Off where every record is about the same user. */
  showWho: boolean;
}

export function AuditList({ filter, showWho }: AuditListProps) {
  const audit = useInfiniteQuery(auditQuery(useAdminApi(), filter));

  if (audit.data === undefined) {
    return (
      <div className="card">
        {audit.isError ? (
          <ErrorState error={audit.error} onRetry={() => void audit.refetch()} busy={audit.isFetching} />
        ) : (
          <SkeletonRows count={6} />
        )}
      </div>
    );
  }

  const records = audit.data.pages.flatMap((page) => page.items);
  return (
    <>
      <p className="result-count muted" role="status">
        {strings.audit.found(records.length, audit.hasNextPage)}
      </p>
      <div className="card" aria-busy={audit.isPlaceholderData} data-stale={audit.isPlaceholderData}>
        {records.length > 0 ? (
          <AuditTable records={records} showWho={showWho} projectId={filter.projectId} />
        ) : (
          <NoRecords isFiltered={showWho && (filter.event !== '' || filter.userId !== '')} />
        )}
      </div>
      {records.length > 0 && (
        <LoadMore
          hasMore={audit.hasNextPage}
          loading={audit.isFetchingNextPage}
          error={audit.isFetchNextPageError ? audit.error : null}
          onLoad={() => void audit.fetchNextPage()}
          sayEnd={audit.data.pages.length > 1}
        />
      )}
    </>
  );
}

function NoRecords({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState icon="search" title={strings.audit.noMatchTitle} body={strings.audit.noMatchBody} />
  ) : (
    <EmptyState icon="log" title={strings.audit.emptyTitle} body={strings.audit.emptyBody} />
  );
}
