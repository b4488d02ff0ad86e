import { Readable } from 'node:stream';
import { z } from 'zod';
import type { ItemFields, PublishedList } from '../../core/site/index.ts';
import type { Sealer } from '../../crypto/index.ts';
import { answers, FlectoError } from './errors.ts';

/** What a list is asked with, as texts; several of one name are none of ours. */
export const listQuery = z.object({
  limit: z.string().optional().meta({ description: 'How many at the most; 500, and 0 for all there are.' }),
  offset: z.string().optional().meta({ description: 'How many to pass over.' }),
  cursor: z.string().optional().meta({ description: '`Next` of the page before, in place of an offset.' }),
});

interface Page {
  /** Only items of a higher number. */
  after: number;
  offset: number;
  limit: number;
  /** What the answer says was passed over. */
  shownOffset: number;
  total: number;
}

/** Where a list goes on (contract A9). Sealed, of one kind and bound to its site: nobody can make one up (bug 71). */
const placeSchema = z.object({ site: z.string(), after: z.int(), total: z.int(), delivered: z.int() });

const DEFAULT_LIMIT = 500;
const WHOLE = /^\d+$/;

export function createPages(sealer: Sealer, kind: string) {
  const purpose = `flecto-cursor:${kind}`;

  function placeIn(cursor: string, siteId: string): z.output<typeof placeSchema> {
    try {
      const place = placeSchema.parse(JSON.parse(sealer.open(purpose, cursor)));
      if (place.site === siteId) return place;
    } catch {
      // Whatever is wrong with it, it is told the same.
    }
    throw refusal('cursor');
  }

  return {
    pageFrom(query: z.output<typeof listQuery>, { siteId, total }: PublishedList): Page {
      const limit = wholeIn(query.limit, 'limit') ?? DEFAULT_LIMIT;
      const offset = wholeIn(query.offset, 'offset') ?? 0;
      if (!query.cursor) return { after: 0, offset, limit, shownOffset: offset, total };
      const place = placeIn(query.cursor, siteId);
      return { after: place.after, offset: 0, limit, shownOffset: place.delivered, total: place.total };
    },
    /** Given exactly when a page is full. */
    nextOf({ siteId: site }: PublishedList, page: Page, { after, count }: { after: number; count: number }) {
      if (page.limit === 0 || count < page.limit) return undefined;
      const place = { site, after, total: page.total, delivered: page.shownOffset + count };
      return sealer.seal(purpose, JSON.stringify(place));
    },
  };
}

function wholeIn(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!WHOLE.test(text)) throw refusal(name);
  // Whoever says the largest number there is means all, and what is longer is not less.
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
}

function refusal(name: string): FlectoError {
  return new FlectoError(answers.badRequest(`invalid ${name}`));
}

type Pages = ReturnType<typeof createPages>;
type PublishedItem = ItemFields & { number: number };

/**
 * The list as a stream of JSON text, a few items at a time as fast as they are taken: agents ask for all pages of a
 * site at once, which may be a hundred megabytes. What fails before the first items fails before the answer begins.
 */
export async function streamPage(
  list: PublishedList,
  { page, pages, present }: { page: Page; pages: Pages; present(item: PublishedItem): unknown },
): Promise<Readable> {
  const chunks = list.read(page);
  const first = await chunks.next();

  async function* text(): AsyncGenerator<string> {
    let [count, after] = [0, page.after];
    for (let chunk = first; !chunk.done; chunk = await chunks.next()) {
      const items = chunk.value.map((item) => JSON.stringify(present(item))).join(',');
      yield count === 0 ? `{"Items":[${items}` : `,${items}`;
      count += chunk.value.length;
      after = chunk.value.at(-1)?.number ?? after;
    }
    const { total: Total, limit: Limit, shownOffset: Offset } = page;
    const Next = pages.nextOf(list, page, { after, count });
    const rest = JSON.stringify({ Total, Limit, Offset, Next });
    yield `${count === 0 ? '{"Items":[' : ''}],${rest.slice(1)}\n`;
  }

  return Readable.from(text());
}
