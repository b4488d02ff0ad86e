import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { Page } from './types.ts';

/** Page after page, by the cursor that each page ends with; what was there stays until the new is. */
export function paged<Item>(
  queryKey: readonly unknown[],
  load: (cursor: string | null, signal: AbortSignal) => Promise<Page<Item>>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}
