import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Page } from '../api/index.ts';
import { ErrorState } from './error-state.tsx';
import { LoadMore } from './load-more.tsx';
import { SkeletonRows } from './skeleton.tsx';

interface PagedListProps<Item> {
  list: UseInfiniteQueryResult<InfiniteData<Page<Item>>, Error>;
  found: (count: number, more: boolean) => string;
  /** In place of the table when there is nothing to put into one. */
  empty: ReactNode;
  children: (items: readonly Item[]) => ReactNode;
}

/** The states every list has: not there yet, refused, empty, some, more. */
export function PagedList<Item>({ list, found, empty, children }: PagedListProps<Item>) {
  if (list.data === undefined) {
    return (
      <div className="card">
        {list.isError ? (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} busy={list.isFetching} />
        ) : (
          <SkeletonRows count={5} />
        )}
      </div>
    );
  }
  const items = list.data.pages.flatMap((page) => page.items);
  return (
    <>
      <p className="result-count muted" role="status">
        {found(items.length, list.hasNextPage)}
      </p>
      <div className="card" aria-busy={list.isPlaceholderData} data-stale={list.isPlaceholderData}>
        {items.length > 0 ? children(items) : empty}
      </div>
      {items.length > 0 && <LoadMore list={list} />}
    </>
  );
}
