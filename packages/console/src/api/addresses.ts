export interface Paging {
  cursor: string | null;
  limit: number;
}

/** Only what was searched for: a plain list needs no words. */
export interface Search extends Paging {
  query: string;
}

export function userPath(userId: string): string {
  return `/users/${encodeURIComponent(userId)}`;
}

/** For the optional property of a request, which takes no `undefined`. */
export function given(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal };
}
