import type { Page, Redirect } from './manager.ts';

export type Answer =
  | { kind: 'redirect'; status: number; location: string }
  | { kind: 'page'; contentType: string; content: string };

export interface Rules {
  /** What to answer to a request for this path on this host; null for what nothing is said about. */
  answer(host: string, path: string): Answer | null;
}

const STATUSES: Readonly<Record<string, number>> = {
  MOVED_PERMANENT: 301,
  FOUND: 302,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  TEXT_PLAIN: 'text/plain; charset=utf-8',
  XML: 'application/xml; charset=utf-8',
};

type Match = (host: string, path: string) => string | null;

/**
 * Redirects before pages, each list in its own order, and the first that fits: exactly for `BASIC`, as an expression
 * over the whole for `REGEX`, whose groups the target may name as `$1`. With `_HOST`, host and path are looked at as one.
 */
export function rulesFrom(redirects: readonly Redirect[], pages: readonly Page[]): Rules {
  const moves = redirects.flatMap(({ type, source, target, status }) => {
    const match = matchOf(type, source, target);
    const code = STATUSES[status];
    return match && code !== undefined ? [{ match, status: code }] : [];
  });
  const texts = pages.flatMap(({ type, path, content, contentType }) => {
    const match = matchOf(type, path, path);
    const mime = CONTENT_TYPES[contentType];
    return match && mime !== undefined ? [{ match, content, contentType: mime }] : [];
  });

  return {
    answer(host, path) {
      for (const { match, status } of moves) {
        const location = match(host, path);
        if (location !== null) return { kind: 'redirect', status, location: headerText(location) };
      }
      const page = texts.find(({ match }) => match(host, path) !== null);
      return page ? { kind: 'page', contentType: page.contentType, content: page.content } : null;
    },
  };
}

/** A header takes no letters beyond ASCII, and a browser reads them from their escapes. */
function headerText(location: string): string {
  return location.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

/** Null for a type this agent does not know, or an expression that is none: the others still hold. */
function matchOf(type: string, source: string, target: string): Match | null {
  const subjectOf = (host: string, path: string) => (type.endsWith('_HOST') ? host + path : path);
  switch (type) {
    case 'BASIC':
    case 'BASIC_HOST':
      return (host, path) => (subjectOf(host, path) === source ? target : null);
    case 'REGEX':
    case 'REGEX_HOST': {
      const expression = expressionFrom(source);
      if (!expression) return null;
      return (host, path) => {
        const subject = subjectOf(host, path);
        return expression.test(subject) ? subject.replace(expression, target) : null;
      };
    }
    default:
      return null;
  }
}

function expressionFrom(source: string): RegExp | null {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    return null;
  }
}
