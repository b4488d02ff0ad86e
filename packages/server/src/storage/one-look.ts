/** More than are asked at once on a busy node; a longer list would be planned another way. */
const AT_MOST = 32;

interface Waiting<Row> {
  found(row: Row | null): void;
  failed(error: unknown): void;
}

/**
 * Answers all questions of one turn of the event loop with one look at the database. Over a network, asking costs more
 * than finding, and under load many ask at once; alone, a question is asked as it always was.
 *
 * `look` is given different keys and returns the rows there are, in any order.
 */
export function inOneLook<Row>(
  keyOf: (row: Row) => string,
  look: (keys: readonly string[]) => Promise<readonly Row[]>,
): (key: string) => Promise<Row | null> {
  let gathering = new Map<string, Waiting<Row>[]>();

  async function ask(asked: ReadonlyMap<string, readonly Waiting<Row>[]>): Promise<void> {
    try {
      const rows = new Map((await look([...asked.keys()])).map((row) => [keyOf(row), row]));
      for (const [key, waiting] of asked) for (const { found } of waiting) found(rows.get(key) ?? null);
    } catch (error) {
      for (const waiting of asked.values()) for (const { failed } of waiting) failed(error);
    }
  }

  function send(): void {
    const asked = gathering;
    gathering = new Map();
    if (asked.size > 0) void ask(asked);
  }

  return (key) =>
    new Promise((found, failed) => {
      if (gathering.size === 0) setImmediate(send);
      const others = gathering.get(key);
      if (others) others.push({ found, failed });
      else gathering.set(key, [{ found, failed }]);
      if (gathering.size === AT_MOST) send();
    });
}
