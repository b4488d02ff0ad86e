import { FluxError } from './errors.ts';

/** Whoever opens a page can read everything in it. The message never repeats the key. */
export function refuseSecretInPage(key: string): void {
  if (key.startsWith('flux_pk_')) return;
  throw new FluxError(
    'invalid_api_key',
    'Pages take the publishable key (flux_pk_…) only. A secret key that has been in a page must be revoked: everybody could read it.',
  );
}
