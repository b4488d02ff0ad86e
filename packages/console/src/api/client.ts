import { ApiProblem, parseProblem } from './problem.ts';

interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/admin/v1`, with its variable parts already escaped. */
  path: string;
  /** Empty and absent values are left out of the address. */
  query?: Readonly<Record<string, string | number | null | undefined>>;
  body?: unknown;
  signal?: AbortSignal;
}

export type Client = <Answer>(request: ApiRequest) => Promise<Answer>;

interface ClientOptions {
  fetch: typeof globalThis.fetch;
  /** Called before the refusal is thrown, so that no caller can forget to send the administrator to sign in. */
  onUnauthenticated: () => void;
}

export function createClient({ fetch, onUnauthenticated }: ClientOptions): Client {
  return async <Answer>(request: ApiRequest): Promise<Answer> => {
    const { status, ok, body, retryAfter } = await exchange(fetch, request);
    if (!ok) {
      const problem = parseProblem({ status, body, retryAfter, now: new Date() });
      if (problem.code === 'unauthenticated') onUnauthenticated();
      throw problem;
    }
    if (body === '') return undefined as Answer;
    return parseAnswer<Answer>(status, body);
  };
}

async function exchange(fetch: typeof globalThis.fetch, request: ApiRequest) {
  const hasBody = request.body !== undefined;
  try {
    const response = await fetch(addressOf(request), {
      method: request.method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { accept: 'application/json', ...(hasBody && { 'content-type': 'application/json' }) },
      ...(hasBody && { body: JSON.stringify(request.body) }),
      ...(request.signal && { signal: request.signal }),
    });
    const { status, ok, headers } = response;
    return { status, ok, body: await response.text(), retryAfter: headers.get('retry-after') };
  } catch (cause) {
    // An abandoned request is not a failure to report; the query library recognises it by its own error.
    if (request.signal?.aborted) throw cause;
    throw new ApiProblem({ status: 0, code: 'network' }, { cause });
  }
}

// The shape is trusted: the server that answers is the one that served this script.
function parseAnswer<Answer>(status: number, body: string): Answer {
  try {
    return JSON.parse(body) as Answer;
  } catch (cause) {
    throw new ApiProblem({ status, code: 'unexpected' }, { cause });
  }
}

function addressOf({ path, query = {} }: ApiRequest): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  return `/admin/v1${path}${params.size > 0 ? `?${params}` : ''}`;
}
