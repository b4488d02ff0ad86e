import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Transaction } from '../../storage/index.ts';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';
import { findUser } from '../user/index.ts';
import { createFactors } from './factors.ts';
import { NOTHING_HELD, type SecondFactor, type SignInMethod } from './method.ts';

describe.each(DIALECTS)('the list of second factors on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  /** A method that is enrolled by a row of its own, like every real one. */
  function fake(id: SecondFactor): SignInMethod & { enrol(tx: Transaction, userId: string): Promise<void> } {
    const rowOf = (userId: string) => `fake ${id} ${userId}`;
    return {
      id,
      proof: z.unknown(),
      migrations: [],
      reserve: () => NOTHING_HELD,
      identify: () => Promise.reject(new Error('not asked')),
      judge: () => Promise.reject(new Error('not asked')),
      async enrol(tx, userId) {
        await tx
          .insertInto('counter')
          .values({ key: rowOf(userId), count: 1, expires_at: 0 })
          .execute();
      },
      async isEnrolled(tx, userId) {
        const found = tx.selectFrom('counter').select('key').where('key', '=', rowOf(userId));
        return (await found.executeTakeFirst()) !== undefined;
      },
      async forget(tx, userId) {
        await tx.deleteFrom('counter').where('key', '=', rowOf(userId)).execute();
      },
    };
  }

  it('lacks none of several that are enrolled at once, and only what is forgotten goes', async () => {
    const { storage, project } = world.instance;
    const methods = [fake('totp'), fake('sms-code'), fake('passkey')];
    const factors = createFactors(storage, methods);
    const listOf = async (userId: string) => (await findUser(storage.db, project.id, userId))?.factors;
    for (let round = 0; round < 10; round++) {
      const { user_id: userId } = (await world.register(world.client())).json as { user_id: string };
      await Promise.all(
        methods.map((method) =>
          storage.transaction(async (tx) => {
            await method.enrol(tx, userId);
            await factors.refresh(tx, userId);
          }),
        ),
      );
      expect(await listOf(userId)).toEqual(['totp', 'sms-code', 'passkey']);
      await storage.transaction(async (tx) => {
        await factors.forget(tx, userId, ['sms-code']);
        await factors.refresh(tx, userId);
      });
      expect(await listOf(userId)).toEqual(['totp', 'passkey']);
      await storage.transaction((tx) => factors.forgetAll(tx, userId));
      expect(await listOf(userId)).toEqual([]);
    }
  });
});
