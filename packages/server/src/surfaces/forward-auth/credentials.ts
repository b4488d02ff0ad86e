import type { FastifyRequest } from 'fastify';
import type { TokenSubject } from '../../core/access/index.ts';
import type { LiveSession, Sessions, Surface } from '../../core/session/index.ts';
import type { CookieJar } from '../../http/index.ts';
import { answers, ForwardAuthError } from './errors.ts';

/** Who asks. An API token is nobody's account. */
export type Caller =
  | { kind: 'user'; by: 'session' | 'jwt'; session: LiveSession }
  | { kind: 'token'; token: TokenSubject };

export interface CredentialDependencies {
  /** Whose API tokens are taken. */
  projectId: string;
  /** Whose sessions are, by the wire they were made on. */
  surfaceProjects: Record<Surface, string>;
  sessions: Sessions;
  /** The header of Flecto's API (Flecto contract A13). */
  flectoHeaderName: string;
  /** The session that an access token of Flecto's API names; null for every other text. */
  flectoSessionIdIn(token: string): string | null;
  /** The same of Flux's API. */
  fluxSessionIdIn(token: string): Promise<string | null>;
  /** Null for an API token that is unknown, changed, expired or deleted. */
  findApiToken(token: string): Promise<TokenSubject | null>;
  fluxerCookie: CookieJar;
  pagesCookie: CookieJar;
}

/** One kind of credential in a header. */
interface HeaderKind {
  /** In lower case. */
  header: string;
  /** The credential in the header's value; null when it is none of this kind. */
  textIn(value: string): string | null;
  find(text: string): Promise<Caller | null>;
}

const AUTHORIZATION = 'authorization';
const BEARER = 'Bearer ';
/** Those of one browser are two; more are somebody's try to have many looked up. */
const MAX_COOKIES = 4;

/**
 * Finds out who sends a request. A credential in a header is meant, so the first header that is there decides alone: a
 * bad one is refused, however good the cookies. Cookies come by themselves: one that has ended is as good as none, and
 * two that are alive must be of one person.
 */
export function createCallerFinder(deps: CredentialDependencies) {
  const { projectId, surfaceProjects, sessions, flectoSessionIdIn, fluxSessionIdIn, findApiToken } = deps;
  const flectoHeader = deps.flectoHeaderName.toLowerCase();

  function isServed({ projectId: id, surface }: LiveSession): boolean {
    return id === surfaceProjects[surface];
  }

  function asCaller(by: 'session' | 'jwt', session: LiveSession | null): Caller | null {
    return session && isServed(session) ? { kind: 'user', by, session } : null;
  }

  // Of those that a value has the form of; no text is a good one of two. A further kind of token is one more entry.
  const kinds: readonly HeaderKind[] = [
    {
      // Fluxer's contract 6.1: raw, or after `Bearer `.
      header: AUTHORIZATION,
      textIn: (value) => prefixed('flx_', value) ?? prefixed('flx_', bearerIn(value)),
      find: async (token) => asCaller('session', await sessions.find(token, 'fluxer')),
    },
    {
      header: flectoHeader,
      textIn: (value) => prefixed('flecto_', bearerIn(value)),
      async find(text) {
        const token = await findApiToken(text);
        return token?.projectId === projectId ? { kind: 'token', token } : null;
      },
    },
    {
      header: flectoHeader,
      textIn: bearerIn,
      async find(text) {
        const id = flectoSessionIdIn(text);
        return id === null ? null : asCaller('jwt', await sessions.findById(id, 'flecto'));
      },
    },
    {
      header: AUTHORIZATION,
      textIn: bearerIn,
      async find(text) {
        const id = await fluxSessionIdIn(text);
        return id === null ? null : asCaller('jwt', await sessions.findById(id, 'flux'));
      },
    },
  ];
  // The operator's own header first: what stands in the common one may be meant for the service behind the proxy.
  const headers = [...new Set([flectoHeader, AUTHORIZATION])];

  async function byCookies(request: FastifyRequest): Promise<Caller | null> {
    const shown = [
      ...deps.fluxerCookie.readAll(request).map((text) => ({ text, surface: 'fluxer' as const })),
      ...deps.pagesCookie.readAll(request).map((text) => ({ text, surface: 'pages' as const })),
    ];
    if (shown.length > MAX_COOKIES) throw new ForwardAuthError(answers.contradiction);
    const found = await Promise.all(shown.map(({ text, surface }) => sessions.find(text, surface)));
    const [first = null, ...others] = found.filter((session) => session !== null && isServed(session));
    if (others.some((other) => other?.userId !== first?.userId))
      throw new ForwardAuthError(answers.contradiction);
    return asCaller('session', first);
  }

  async function callerIn(header: string, value: string): Promise<Caller | null> {
    for (const kind of kinds) {
      const text = kind.header === header ? kind.textIn(value) : null;
      const caller = text === null ? null : await kind.find(text);
      if (caller) return caller;
    }
    return null;
  }

  return async function findCaller(request: FastifyRequest): Promise<Caller> {
    const { rawHeaders } = request.raw;
    for (const header of headers) {
      const value = onlyValueOf(rawHeaders, header);
      if (value === null) continue;
      const caller = await callerIn(header, value);
      if (!caller) throw new ForwardAuthError(answers.badCredential);
      return caller;
    }
    const caller = await byCookies(request);
    if (!caller) throw new ForwardAuthError(answers.withoutCredential);
    return caller;
  };
}

/**
 * A header's one value; null when it is not there. Some clients send it twice, and some proxies join such pairs: Node
 * would pass over the second, and the service behind the proxy might read just that one.
 */
function onlyValueOf(rawHeaders: readonly string[], header: string): string | null {
  let found: string | null = null;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length !== header.length || name.toLowerCase() !== header) continue;
    for (const value of (rawHeaders[at + 1] ?? '').split(', ')) {
      if (found !== null && found !== value) throw new ForwardAuthError(answers.contradiction);
      found = value;
    }
  }
  return found;
}

function bearerIn(value: string): string | null {
  return value.startsWith(BEARER) ? value.slice(BEARER.length) : null;
}

function prefixed(prefix: string, text: string | null): string | null {
  return text?.startsWith(prefix) ? text : null;
}
