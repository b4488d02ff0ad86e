import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem, isProblem } from './problem.ts';
import { keys } from './queries.ts';

export function createAppQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError(error, query) {
        // Rights can be withdrawn while the console is open: asking again who we are shows the page that says so.
        if (isProblem(error, 'forbidden') && query.queryKey[0] !== keys.me[0]) {
          void client.invalidateQueries({ queryKey: keys.me });
        }
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // A server on the same machine or network answers even when the browser believes it is offline.
        networkMode: 'always',
        retry: (failures, error) => failures < 1 && isWorthRepeating(error),
        retryDelay: 800,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  return client;
}

/** Only where the server gave no verdict; repeating a refusal would delay telling the administrator about it. */
function isWorthRepeating(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500);
}
