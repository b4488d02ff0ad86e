import { z } from 'zod';
import { ProviderError } from '../provider-error.ts';
import type { SmsStarted, SmsVerifier } from './sms-verifier.ts';

interface Options {
  /** `https://verify.twilio.com`, or a region's own. */
  baseUrl: string;
  accountSid: string;
  authToken: string;
  serviceSid: string;
  timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** Twilio's answers are about a kilobyte. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Twilio's error numbers (twilio.com/docs/api/errors) that are about the person, not about us or them. */
const REFUSED_NUMBERS = new Set([
  60200, // invalid parameter: the only one that varies is the number
  60205, // a landline
  60238, // blocked by Twilio
  60410, // Fraud Guard blocks this prefix for now
  60605, // a country switched off in the service's geo permissions
]);
const REFUSED_FOR_NOW = new Set([
  60202, // guessed at too often; nothing new before the old one has run out
  60203, // sent too often
  60207, // the service's own rate limit
  60212, // too many at once for one number
]);
const INVALID_PARAMETER = 60200;
const TOO_MANY_CHECKS = 60202;
const NOT_FOUND = 20404;

/** The keys that are read; Twilio sends more. */
const startedAnswer = z.object({ sid: z.string().min(1).max(64), to: z.string() });
const checkedAnswer = z.object({ status: z.string(), valid: z.boolean(), to: z.string() });
const failure = z.object({ code: z.int() });

type Answer = { ok: true; body: unknown } | { ok: false; status: number; code: number | null };

/**
 * Twilio Verify (API v2). It makes the code, sends it, and counts wrong guesses: five checks a code. What it is
 * asked about is one verification by its SID, never "the one of this number", so that a code belongs to the
 * request that asked for it.
 */
export function createTwilioVerifier(options: Options): SmsVerifier {
  const { accountSid, authToken, serviceSid, timeoutMs = TIMEOUT_MS } = options;
  const service = `${options.baseUrl}/v2/Services/${encodeURIComponent(serviceSid)}`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

  async function post(path: string, fields: Record<string, string>): Promise<Answer> {
    try {
      const response = await fetch(`${service}${path}`, {
        method: 'POST',
        // A redirect would carry the credentials to wherever it points.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: { authorization, accept: 'application/json' },
        body: new URLSearchParams(fields),
      });
      const body = parsed(await boundedText(response));
      if (response.ok) return { ok: true, body };
      return { ok: false, status: response.status, code: failure.safeParse(body).data?.code ?? null };
    } catch (error) {
      throw new ProviderError('Twilio could not be reached (integrations.sms.api_base_url).', error);
    }
  }

  /** Ends a pending verification, so that the next one of the number gets another code. */
  async function cancel(reference: string): Promise<void> {
    const answer = await post(`/Verifications/${encodeURIComponent(reference)}`, { Status: 'canceled' });
    if (!answer.ok && answer.code !== NOT_FOUND) throw trouble(answer);
  }

  return {
    async start({ to, replaces }): Promise<SmsStarted> {
      if (replaces !== null) await cancel(replaces);
      const answer = await post('/Verifications', { To: to, Channel: 'sms' });
      if (answer.ok) {
        const started = understood(startedAnswer, answer.body);
        if (started.to !== to) throw misunderstood();
        return { outcome: 'started', reference: started.sid };
      }
      const { code } = answer;
      if (code !== null && REFUSED_NUMBERS.has(code)) return { outcome: 'refused', reason: 'number' };
      if (code !== null && REFUSED_FOR_NOW.has(code)) return { outcome: 'refused', reason: 'limit' };
      throw trouble(answer);
    },

    async check({ to, reference, code }) {
      const answer = await post('/VerificationCheck', { VerificationSid: reference, Code: code });
      if (answer.ok) {
        const checked = understood(checkedAnswer, answer.body);
        if (checked.to !== to) throw misunderstood();
        // Both must say so: a yes is worth a session.
        if (checked.valid && checked.status === 'approved') return 'right';
        if (checked.valid || checked.status === 'approved') throw misunderstood();
        return checked.status === 'pending' ? 'wrong' : 'gone';
      }
      if (answer.code === INVALID_PARAMETER) return 'wrong';
      if (answer.code === NOT_FOUND || answer.code === TOO_MANY_CHECKS) return 'gone';
      throw trouble(answer);
    },
  };
}

function trouble({ status, code }: { status: number; code: number | null }): ProviderError {
  const hint =
    status === 401 || status === 403
      ? ' Look at integrations.sms.account_sid and integrations.sms.auth_token.'
      : status === 404
        ? ' Look at integrations.sms.verify_service_sid.'
        : '';
  return new ProviderError(`Twilio answered ${status} (error ${code ?? 'unknown'}).${hint}`);
}

function misunderstood(cause?: unknown): ProviderError {
  return new ProviderError('Twilio gave an answer that is not of its API.', cause);
}

function understood<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (!result.success) throw misunderstood();
  return result.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Stops reading where no answer of Twilio's would go on. */
async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new Error('The answer is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
