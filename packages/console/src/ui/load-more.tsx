import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { ProblemText } from './problem-text.tsx';

interface LoadMoreProps {
  list: UseInfiniteQueryResult<InfiniteData<unknown>, Error>;
}

/** What stands under a list: a button while there is more of it, and the end of one that was longer than a page. */
export function LoadMore({ list }: LoadMoreProps) {
  const { hasNextPage: hasMore, isFetchingNextPage: loading } = list;
  const end = useRef<HTMLParagraphElement>(null);
  const pressed = useRef(false);

  // The last page takes the button away; whoever pressed it keeps their place in the list.
  useEffect(() => {
    if (loading || hasMore || !pressed.current) return;
    pressed.current = false;
    end.current?.focus({ preventScroll: true });
  }, [hasMore, loading]);

  if (!hasMore) {
    return (
      <p ref={end} className="list-end muted" tabIndex={-1}>
        {(list.data?.pages.length ?? 0) > 1 && strings.common.endOfList}
      </p>
    );
  }
  return (
    <div className="load-more">
      <div role="alert">{list.isFetchNextPageError ? <ProblemText error={list.error} /> : null}</div>
      <Button
        busy={loading}
        onClick={() => {
          pressed.current = true;
          void list.fetchNextPage();
        }}
      >
        {loading ? strings.common.loadingMore : strings.common.loadMore}
      </Button>
    </div>
  );
}
