/**
 * The database could not do what was asked. Surfaces answer 503 with `Retry-After`; it never reads as a wrong
 * password and never counts as one (design rule 7). Constraint violations are the exception a feature may
 * expect, see `isUniqueViolation`.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(`The database failed (${code}).`, { cause });
    this.code = code;
  }
}

export function isStorageError(error: unknown): error is StorageError {
  return error instanceof StorageError;
}

const UNIQUE_CODES = new Set(['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY']);

/** Whether the statement failed only because such a row already exists. */
export function isUniqueViolation(error: unknown): boolean {
  return isStorageError(error) && UNIQUE_CODES.has(error.code);
}

/** Turns whatever a driver throws into a `StorageError`; the driver's own error stays as the cause, for the log. */
export function storageErrorFrom(error: unknown): StorageError {
  if (isStorageError(error)) return error;
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNKNOWN';
  return new StorageError(code, error);
}
