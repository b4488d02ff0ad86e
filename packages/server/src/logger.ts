import { type DestinationStream, type Logger, pino } from 'pino';

/** Wherever one of these appears in a logged object, its value does not. */
const SECRETS = ['password', 'new_password', 'token', 'ticket', 'secret', 'authorization', 'cookie'];

/** Structured logs, one JSON object a line; JSON escapes whatever a client sent, so a line stays one line. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
