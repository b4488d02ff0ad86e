import type { AgentReport } from '../../core/site/index.ts';
import { answers, FlectoError } from './errors.ts';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
/** As much of a text of ours is repeated to whoever sent it. */
const MAX_ECHO = 100;
/** Contract A13. What is longer is cut: the beginning of an error is worth more than none. */
const MAX_ERROR = 500;

interface Sent {
  name?: string | undefined;
  type?: string | undefined;
  status?: string | undefined;
  version?: number | undefined;
  load_duration?: number | string | undefined;
  error?: string | undefined;
}

/** Contract A9: the rules of an agent's body, each with the text its clients know. */
export function reportFrom({ name = '', type = '', status = '', version = 0, ...sent }: Sent): AgentReport {
  if (!NAME.test(name)) throw refusal(`invalid agent name: ${name.slice(0, MAX_ECHO)}`);
  if (type !== 'default' && type !== 'traefik')
    throw refusal(`invalid agent type: ${type.slice(0, MAX_ECHO)}`);
  if (status !== '' && status !== 'success' && status !== 'error')
    throw refusal(`invalid agent status: ${status.slice(0, MAX_ECHO)}`);
  if (version === 0) throw refusal('agent version is required');
  const loadDuration = nanosecondsIn(sent.load_duration ?? 0);
  if (loadDuration === null) throw refusal('invalid agent load duration');
  return {
    name,
    type,
    version,
    status: status === '' ? null : status,
    loadDuration,
    error: (sent.error ?? '').slice(0, MAX_ERROR).toWellFormed(),
  };
}

function refusal(message: string): FlectoError {
  return new FlectoError(answers.badRequest(message));
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3_600e9,
};
const DURATION = /^[+-]?(?:(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:ns|us|µs|μs|ms|s|m|h)){1,8}$/;

/** Nanoseconds as they are, or written as Go writes a duration, such as `1m2.5s`; null for what is neither. */
function nanosecondsIn(sent: number | string): number | null {
  const nanoseconds = typeof sent === 'number' ? sent : durationIn(sent);
  return nanoseconds !== null && Number.isSafeInteger(nanoseconds) ? nanoseconds : null;
}

function durationIn(text: string): number | null {
  if (text === '' || text === '0') return 0;
  if (!DURATION.test(text)) return null;
  const parts = [...text.matchAll(/([\d.]+)([a-zµμ]+)/g)];
  const sum = parts.reduce((all, [, count, unit]) => all + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
  return Math.round(text.startsWith('-') ? -sum : sum);
}
