/** What a service may say at the most; its real answers are a few hundred bytes. */
const MAX_BYTES = 64 * 1024;
/** Questions under way at once, so that a service that hangs cannot tie up this server. */
const MAX_UNDER_WAY = 200;

interface Options {
  url: string;
  timeoutMs: number;
}

/** Asks one address by POSTed forms. Throws unless JSON comes back, whole and in time. */
export function createAsker({ url, timeoutMs }: Options) {
  let underWay = 0;

  return async function ask(form: Record<string, string>): Promise<unknown> {
    if (underWay >= MAX_UNDER_WAY) throw new Error(`${MAX_UNDER_WAY} questions wait for an answer already`);
    underWay += 1;
    try {
      // The deadline covers the whole answer, not only its first byte.
      const signal = AbortSignal.timeout(timeoutMs);
      const body = new URLSearchParams(form);
      const response = await fetch(url, { method: 'POST', body, redirect: 'error', signal });
      if (response.status >= 500) {
        await response.body?.cancel();
        throw new Error(`status ${response.status}`);
      }
      return JSON.parse(await readBounded(response));
    } finally {
      underWay -= 1;
    }
  };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
