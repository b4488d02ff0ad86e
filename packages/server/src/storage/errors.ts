/**
 * The database could not do what was asked. Surfaces answer 503 with `Retry-After`; it never reads as a wrong
 * password and never counts as one (design rule 7). A row that may already be there is asked for
 * with `on conflict`, never by catching this.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(`The database failed (${code}).`, { cause });
    this.code = code;
  }
}

/** Turns whatever a driver throws into a `StorageError`; the driver's own error stays as the cause, for the log. */
export function storageErrorFrom(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNKNOWN';
  return new StorageError(code, error);
}
