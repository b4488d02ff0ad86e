import { hash } from 'node:crypto';

/**
 * Which of the latest texts were found good. Each is kept as its SHA-256, so that what is remembered of a secret is not
 * the secret; at least the last `size` of them, at most twice as many.
 */
export function createRecentTexts(size: number): { has(text: string): boolean; add(text: string): void } {
  let newer = new Set<string>();
  let older = new Set<string>();
  const digest = (text: string) => hash('sha256', text, 'base64url');

  function keep(key: string): void {
    if (newer.size >= size) {
      older = newer;
      newer = new Set();
    }
    newer.add(key);
  }

  return {
    has(text) {
      const key = digest(text);
      if (newer.has(key)) return true;
      if (!older.has(key)) return false;
      keep(key);
      return true;
    },
    add: (text) => keep(digest(text)),
  };
}
