import type { FastifyRequest } from 'fastify';

/** Origins besides our own that one page may take things from. */
export interface PolicyExtras {
  script?: readonly string[];
  style?: readonly string[];
  connect?: readonly string[];
  frame?: readonly string[];
  image?: readonly string[];
  /** Where a form may lead on to. */
  form?: readonly string[];
}

/** What a page may load and do: our own files alone, and what is named beyond them. */
export function contentPolicy(extras: PolicyExtras): string {
  const { script = [], style = [], connect = [], frame = [], image = [], form = [] } = extras;
  return [
    "default-src 'none'",
    ["script-src 'self'", ...script].join(' '),
    ["style-src 'self'", ...style].join(' '),
    ["img-src 'self' data:", ...image].join(' '),
    ["connect-src 'self'", ...connect].join(' '),
    "font-src 'self'",
    ...(frame.length > 0 ? [['frame-src', ...frame].join(' ')] : []),
    "object-src 'none'",
    "base-uri 'none'",
    ["form-action 'self'", ...form].join(' '),
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Headers of every answer (security I01, I02, I05). Whoever may be cached says so itself. */
export function securityHeaders(isHttps: boolean): Record<string, string> {
  return {
    'content-security-policy': contentPolicy({}),
    'x-content-type-options': 'nosniff',
    // Not `no-referrer`: under it a browser sends our own forms with `Origin: null`, and on plain http beyond this
    // machine no `Sec-Fetch-Site` says whose they are. Other sites are told just as little.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'cache-control': 'no-store',
    ...(isHttps && { 'strict-transport-security': 'max-age=63072000; includeSubDomains' }),
  };
}

/**
 * Whether a browser says that another site caused this request (security I03). Without either header there is no
 * browser, and nothing of a browser's to steal.
 */
export function isCrossSite(request: FastifyRequest, allowedOrigins: ReadonlySet<string>): boolean {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin === undefined) return site !== undefined && site !== 'same-origin' && site !== 'none';
  if (allowedOrigins.has(origin)) return false;
  // A page under a strict referrer policy hides its origin even from itself; the browser still tells whose it is.
  return origin !== 'null' || site !== 'same-origin';
}
