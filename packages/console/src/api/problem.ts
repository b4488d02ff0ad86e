import type { FieldError } from './types.ts';

/** A refusal by the API, or the absence of an answer (`network`), in one shape that every screen can show. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly detail: string | null;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
  readonly fieldErrors: readonly FieldError[];

  constructor(fields: ProblemFields, options?: ErrorOptions) {
    super(`${fields.status} ${fields.code}`, options);
    this.status = fields.status;
    this.code = fields.code;
    this.detail = fields.detail ?? null;
    this.requestId = fields.requestId ?? null;
    this.retryAfterSeconds = fields.retryAfterSeconds ?? null;
    this.fieldErrors = fields.fieldErrors ?? [];
  }
}

interface ProblemFields {
  status: number;
  code: string;
  detail?: string | null;
  requestId?: string | null;
  retryAfterSeconds?: number | null;
  fieldErrors?: readonly FieldError[];
}

export function isProblem(error: unknown, code: string): error is ApiProblem {
  return error instanceof ApiProblem && error.code === code;
}

/** What a status means when the answer came from something in front of the server, which speaks no problem documents. */
const codeByStatus: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  404: 'not_found',
  429: 'rate_limited',
  503: 'unavailable',
};

export function parseProblem(answer: {
  status: number;
  body: string;
  retryAfter: string | null;
  now: Date;
}): ApiProblem {
  const document = parseObject(answer.body);
  return new ApiProblem({
    status: answer.status,
    code: text(document.code) ?? codeByStatus[answer.status] ?? 'unexpected',
    detail: text(document.detail) ?? text(document.title),
    requestId: text(document.request_id),
    retryAfterSeconds: parseRetryAfter(answer.retryAfter, answer.now),
    fieldErrors: Array.isArray(document.errors) ? document.errors.filter(isFieldError) : [],
  });
}

/** RFC 9110 §10.2.3: whole seconds, or the date after which to come back. */
export function parseRetryAfter(value: string | null, now: Date): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now.getTime()) / 1000));
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && text(value.path) !== null && text(value.message) !== null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
