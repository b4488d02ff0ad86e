/** What `Flux.init` takes besides the key. */
export interface FluxOptions {
  /** Where the server is, such as `https://auth.example.com`. Default: the variable `FLUX_URL`, or http://localhost:8080. */
  baseUrl?: string;
  /** The longest that a call may take, with all its tries. Default 5,000. */
  timeoutMs?: number;
  /** How often a call that may be repeated is tried again after a failure of the network or a 503. Default 2. */
  retries?: number;
}

export interface FluxServerOptions extends FluxOptions {
  /** For signing people in from a server; pages have a client of their own, made with this key alone. */
  publishableKey?: string;
  /** `verifySession` renews only tokens that are older. Default 0: each. */
  renewAfterSeconds?: number;
  /**
   * How old, at most, what `{ renew: false }` answers from may be. Default 1,000; from 850 to 1,350. Of it 600 are the
   * server's and the line's, the rest is how long a silent event stream is still trusted.
   */
  boundMs?: number;
}

const CALL_OPTIONS = ['baseUrl', 'timeoutMs', 'retries'];
const SERVER_OPTIONS = [...CALL_OPTIONS, 'publishableKey', 'renewAfterSeconds', 'boundMs'];

/** A misspelt option would be as if it were not there: the server asked would be another, the answers older. */
export function requireKnown(options: object, of: 'server' | 'page'): void {
  const known = of === 'server' ? SERVER_OPTIONS : CALL_OPTIONS;
  const stray = Object.keys(options).find((name) => !known.includes(name));
  if (stray === undefined) return;
  throw new TypeError(`Flux.init has no option ${JSON.stringify(stray)} here; it has ${known.join(', ')}.`);
}

const DEFAULT_URL = 'http://localhost:8080';

export function baseUrlFrom(given: string | undefined): string {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const text = given ?? process?.env?.['FLUX_URL'] ?? DEFAULT_URL;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url && !url.search && !url.hash && !url.username && !url.password;
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      'baseUrl (or FLUX_URL) must be an http or https address, such as https://auth.example.com.',
    );
  }
  return url.href.replace(/\/+$/, '');
}

export function numberFrom(
  name: string,
  given: number | undefined,
  range: { default: number; min: number; max: number },
) {
  const value = given ?? range.default;
  if (Number.isFinite(value) && value >= range.min && value <= range.max) return value;
  throw new TypeError(`${name} must be a number from ${range.min} to ${range.max}.`);
}

export function callSettings({ baseUrl, timeoutMs, retries }: FluxOptions) {
  return {
    baseUrl: baseUrlFrom(baseUrl),
    timeoutMs: numberFrom('timeoutMs', timeoutMs, { default: 5_000, min: 1, max: 600_000 }),
    retries: numberFrom('retries', retries, { default: 2, min: 0, max: 10 }),
  };
}

const isPublishable = (key: string) => key.startsWith('flux_pk_');

/** Header values are printable ASCII, and a key that came with a line break is a frequent mistake. */
export function keyFrom(key: unknown): { kind: 'secret' | 'publishable'; key: string } {
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError("Flux.init needs the project's key, without spaces or line breaks.");
  }
  return { kind: isPublishable(key) ? 'publishable' : 'secret', key };
}
