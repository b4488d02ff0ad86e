import type { FastifyReply, FastifyRequest } from 'fastify';

interface Answer {
  status: number;
  error: string;
  message: string;
  headers?: Record<string, string>;
}

const REALM = 'Bearer realm="fluxgate"';

/**
 * Everything that is refused here; core answers what it is asked and refuses nothing. The status is for the proxy, the
 * text for whoever reads its log. Unlike on Flecto's own routes a 401 says how to do better (RFC 9110, 11.6.1); this
 * scheme opens no window of a browser.
 */
export const answers = {
  withoutCredential: {
    status: 401,
    error: 'unauthenticated',
    message: 'Sign in first.',
    headers: { 'www-authenticate': REALM },
  },
  badCredential: {
    status: 401,
    error: 'invalid_token',
    message: 'The credential sent is unknown, ended, expired, or of a kind that opens nothing here.',
    headers: { 'www-authenticate': `${REALM}, error="invalid_token"` },
  },
  contradiction: {
    status: 401,
    error: 'ambiguous_credentials',
    message: 'Credentials of different people came with one request; none of them counts.',
    headers: { 'www-authenticate': REALM },
  },
  notAllowed: { status: 403, error: 'forbidden', message: 'The permission asked for is not held.' },
  suspected: {
    status: 403,
    error: 'account_suspected',
    message: 'The account must settle first what makes it suspicious: sign in on the hosted pages.',
  },
  owesFactor: {
    status: 403,
    error: 'mfa_required',
    message: 'The sign-in has not shown the second factor of the account.',
  },
  strangePlace: {
    status: 403,
    error: 'place_approval_required',
    message:
      'The sign-in came from a new place: sign in from there on the hosted pages first, and approve it.',
  },
  withoutFactor: {
    status: 403,
    error: 'mfa_enrollment_required',
    message: 'The account must have a second factor first: set one up on the hosted pages.',
  },
  unverified: {
    status: 403,
    error: 'email_unverified',
    message: 'The account must confirm its e-mail address first.',
  },
} as const satisfies Record<string, Answer>;

const UNAVAILABLE: Answer = {
  status: 503,
  error: 'service_unavailable',
  message: 'The database does not answer. Try again shortly.',
  headers: { 'retry-after': '5' },
};
const INTERNAL: Answer = {
  status: 500,
  error: 'internal_error',
  message: 'Something went wrong on our side. The log names this request by its id.',
};
const UNREADABLE: Answer = { status: 400, error: 'invalid_request', message: 'This request cannot be read.' };

/** For the operator, who wrote the address that the proxy asks. */
function badQuestion(reason: string): Answer {
  return {
    status: 400,
    error: 'invalid_question',
    message:
      'Mend the address that the proxy asks. It is /auth/verify alone, which any live session opens, or with ' +
      '?namespace=…&project=…&resource=redirect|page|agent|any&action=read|write, or with ?section=…&action=read|write: ' +
      `every key once and no other. What is wrong: ${reason}`,
  };
}

export class ForwardAuthError extends Error {
  override readonly name = 'ForwardAuthError';
  readonly answer: Answer;

  constructor(answer: Answer | { question: string }) {
    const told = 'question' in answer ? badQuestion(answer.question) : answer;
    super(told.error);
    this.answer = told;
  }
}

/** Turns whatever was thrown into an answer; what it does not know is a logged 500. None of them lets anybody in. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, error: code, message, headers = {} } = answerFor(error);
  if (status >= 500) request.log.error({ err: error }, 'request failed');
  // A proxy tells its client of a 400 as of an error of its own, without a word on why.
  if (code === 'invalid_question') request.log.warn({ reason: message }, 'a proxy asks /auth/verify wrongly');
  return reply.code(status).headers(headers).send({ error: code, message });
}

function answerFor(error: unknown): Answer {
  if (error instanceof ForwardAuthError) return error.answer;
  const { statusCode = 500, name } = error as { statusCode?: number; name?: string };
  if (name === 'StorageError') return UNAVAILABLE;
  return statusCode >= 400 && statusCode < 500 ? UNREADABLE : INTERNAL;
}
