import { z } from 'zod';
import type { UserCursor } from '../../core/user/index.ts';
import type { Sealer } from '../../crypto/index.ts';

export const userCursor: z.ZodType<UserCursor> = z.object({
  by: z.enum(['age', 'address', 'name']),
  key: z.union([z.string(), z.number()]),
  id: z.string(),
});

/** Where a list goes on, as the client holds it: sealed, so that it can be neither read nor made up (bug 71). */
export interface Cursors<T> {
  write(place: T | null): string | null;
  /** Null for none. Throws `ZodError` for one that we did not make. */
  read(text: string | undefined): T | null;
}

export function createCursors<T>(sealer: Sealer, kind: string, schema: z.ZodType<T>): Cursors<T> {
  const purpose = `cursor:${kind}`;
  return {
    write: (place) => (place === null ? null : sealer.seal(purpose, JSON.stringify(place))),
    read(text) {
      if (text === undefined || text === '') return null;
      try {
        return schema.parse(JSON.parse(sealer.open(purpose, text)));
      } catch {
        throw new z.ZodError([
          {
            code: 'custom',
            path: ['cursor'],
            message: 'Use the next_cursor of the page before.',
            input: undefined,
          },
        ]);
      }
    },
  };
}
