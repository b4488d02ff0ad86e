import { FluxError } from './errors.ts';
import type { Method, Platform, Reply } from './platform.ts';

export interface Call {
  method?: Method;
  /** Below the server's address, such as `/flux/v1/settings`. */
  path: string;
  body?: Record<string, unknown>;
  /** The token of the user in whose name this is done. */
  session?: string;
  /** Whether doing it twice is doing it once: only then is it tried again. */
  repeatable: boolean;
}

export interface Calls {
  /** The parsed body of a 200. Throws `FluxError`. */
  ask<Answer>(call: Call): Promise<Answer>;
}

interface CallSettings {
  platform: Platform;
  baseUrl: string;
  /** The credential among them. */
  headers: Record<string, string>;
  /** For a call with all its tries. */
  timeoutMs: number;
  retries: number;
}

const FIRST_PAUSE_MS = 50;

export function createCalls({ platform, baseUrl, headers, timeoutMs, retries }: CallSettings): Calls {
  return {
    async ask<Answer>({ method = 'POST', path, body, session, repeatable }: Call): Promise<Answer> {
      const sent = session === undefined ? headers : { ...headers, 'x-flux-session': headerOf(session) };
      const deadline = platform.monotonicMs() + timeoutMs;
      const request = {
        method,
        url: baseUrl + path,
        headers: body
          ? { ...sent, accept: 'application/json', 'content-type': 'application/json' }
          : { ...sent, accept: 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      };
      for (let tried = 0; ; tried++) {
        let failure: FluxError;
        try {
          const reply = await platform.send({
            ...request,
            timeoutMs: Math.max(1, deadline - platform.monotonicMs()),
          });
          if (reply.status === 200) return parse(reply) as Answer;
          failure = refusalIn(reply);
        } catch (error) {
          if (!(error instanceof FluxError)) throw error;
          failure = error;
        }
        const mayRepeat = failure.code === 'network_error' || failure.status === 503;
        if (!repeatable || !mayRepeat || tried >= retries) throw failure;
        const pauseMs =
          failure.retryAfterSeconds === null
            ? FIRST_PAUSE_MS * 2 ** tried * (0.5 + platform.random())
            : failure.retryAfterSeconds * 1000;
        // A pause that leaves no time for the next try is only a slower refusal.
        if (platform.monotonicMs() + pauseMs >= deadline) throw failure;
        await new Promise((done) => setTimeout(done, pauseMs));
      }
    },
  };
}

/** What is no token cannot be sent as one, and says so as the server would. */
function headerOf(token: string): string {
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new FluxError('invalid_session', 'There is no token.', { status: 401 });
}

function parse({ text, status, header }: Reply): unknown {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body;
  } catch {
    // Said below.
  }
  throw new FluxError('network_error', `What answered (${status}) is no Flux server.`, {
    status,
    requestId: header('x-request-id'),
  });
}

/** Some statuses come from proxies in between, which know nothing of the wire's codes. */
function codeFor(status: number): string {
  if (status === 429) return 'rate_limited';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal_error' : 'network_error';
}

function refusalIn(reply: Reply): FluxError {
  const { status, header, text } = reply;
  const retryAfter = Number(header('retry-after') ?? Number.NaN);
  const about = {
    status,
    requestId: header('x-request-id'),
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : null,
  };
  try {
    const { error } = JSON.parse(text) as {
      error: { code: unknown; message: unknown; request_id?: unknown };
    };
    if (typeof error.code === 'string' && typeof error.message === 'string') {
      const requestId = typeof error.request_id === 'string' ? error.request_id : about.requestId;
      return new FluxError(error.code, error.message, { ...about, requestId });
    }
  } catch {
    // Said below.
  }
  return new FluxError(codeFor(status), `The answer (${status}) was none of a Flux server's.`, about);
}
