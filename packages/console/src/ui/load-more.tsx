import { useEffect, useRef } from 'react';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { ProblemText } from './problem-text.tsx';

interface LoadMoreProps {
  hasMore: boolean;
  loading: boolean;
  /** Of the last attempt at a further page. */
  error: unknown;
  onLoad: () => void;
  /** Whether a list that fits one page still says that it is complete. */
  sayEnd: boolean;
}

export function LoadMore({ hasMore, loading, error, onLoad, sayEnd }: LoadMoreProps) {
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
        {sayEnd && strings.common.endOfList}
      </p>
    );
  }
  return (
    <div className="load-more">
      <div role="alert">{error ? <ProblemText error={error} /> : null}</div>
      <Button
        busy={loading}
        onClick={() => {
          pressed.current = true;
          onLoad();
        }}
      >
        {loading ? strings.common.loadingMore : strings.common.loadMore}
      </Button>
    </div>
  );
}
