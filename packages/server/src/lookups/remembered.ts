const HOUR = 3_600_000;

interface Entry<T> {
  answer: Promise<T>;
  askedAt: number;
}

/**
 * Remembers the answers to a question for an hour, as many as are said, the oldest falling first. Whoever asks the same
 * while it is under way waits for the one answer; a failure is not remembered.
 */
export function remembered<T>(
  ask: (about: string) => Promise<T>,
  { clock, atMost }: { clock: () => number; atMost: number },
): (about: string) => Promise<T> {
  const entries = new Map<string, Entry<T>>();
  return (about) => {
    const now = clock();
    const known = entries.get(about);
    if (known && Math.abs(now - known.askedAt) < HOUR) return known.answer;
    const entry = { answer: ask(about), askedAt: now };
    entries.delete(about);
    for (const oldest of entries.keys()) {
      if (entries.size < atMost) break;
      entries.delete(oldest);
    }
    entries.set(about, entry);
    entry.answer.catch(() => {
      if (entries.get(about) === entry) entries.delete(about);
    });
    return entry.answer;
  };
}
