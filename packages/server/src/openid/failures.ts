import * as client from 'openid-client';
import { UnreachableError } from '../outbound/index.ts';

/** A provider could not be asked, so that nobody was judged; the message carries no value out of a token. */
export class ProviderUnavailableError extends Error {
  override readonly name = 'ProviderUnavailableError';
  readonly isDiscovery: boolean;

  constructor(error: unknown, { isDiscovery = false } = {}) {
    super(reasonOf(error));
    this.isDiscovery = isDiscovery;
  }
}

export function isUnreachable(error: unknown): boolean {
  return [...causesOf(error)].some((one) => one instanceof UnreachableError);
}

/** No key at hand has made this signature; its provider may have others since. By then all else in the token was good. */
export function isOfKeys(error: unknown): boolean {
  return [...causesOf(error)].some(
    (one) =>
      (one instanceof client.ClientError && one.code === 'OAUTH_KEY_SELECTION_FAILED') ||
      // It has no code of its own.
      (one instanceof Error && one.message === 'JWT signature verification failed'),
  );
}

/** The texts of an error and its causes. The library's name a check, and never what it found. */
export function reasonOf(error: unknown): string {
  return [...new Set([...causesOf(error)].map(textOf))].join(': ');
}

function* causesOf(error: unknown): Generator<unknown> {
  for (let at = error; at instanceof Error; at = at.cause) yield at;
}

function textOf(error: unknown): string {
  if (error instanceof client.ResponseBodyError)
    return `the provider answered ${error.error.replace(/[^\w-]/g, '').slice(0, 60)}`;
  // Its own text quotes what could not be read.
  if (error instanceof SyntaxError) return 'no JSON';
  return error instanceof Error ? error.message : 'unknown';
}
