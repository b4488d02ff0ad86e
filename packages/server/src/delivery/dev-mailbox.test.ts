import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, newEmail, type World } from '../testing/index.ts';
import { createDevMailbox, type DevMailbox } from './dev-mailbox.ts';

const KEPT = 500;

describe.each(DIALECTS)('the dev mailbox on %s', (dialect) => {
  let world: World;
  let mailbox: DevMailbox;
  beforeEach(async () => {
    world = await createWorld({ dialect });
    const { storage, sealer } = world.instance;
    const random = (size: number) => randomBytes(size);
    mailbox = createDevMailbox({ storage, sealer, clock: world.clock.now, random });
  });
  afterEach(() => world.close());

  const keep = (to = newEmail()) =>
    mailbox.keep({ to, kind: 'x', subject: 'x', text: 'x', links: [], token: null });
  const db = () => world.instance.storage.db;
  const idOf = (at: number) => `mail_0${String(at).padStart(3, '0')}`;
  const ids = async () =>
    (await db().selectFrom('dev_mail').select('id').orderBy('id').execute()).map(({ id }) => id);

  async function fill(): Promise<void> {
    const rows = Array.from({ length: KEPT }, (_, at) => ({
      ...{ id: idOf(at), to_normal: 'x', payload: 'x', created_at: 0 },
    }));
    await db().insertInto('dev_mail').values(rows).execute();
  }

  it('keeps the newest few hundred, whoever else keeps some at the same time', async () => {
    await fill();
    const addresses = Array.from({ length: 50 }, () => newEmail());
    await Promise.all(addresses.map((address) => keep(address)));
    for (const address of addresses) expect(await mailbox.list(address)).toHaveLength(1);
    await keep();
    const kept = await ids();
    expect(kept).toHaveLength(KEPT);
    expect(kept[0]).toBe(idOf(51));
  });

  // SQLite has no rows that somebody holds: its one writer has the file.
  it.runIf(dialect === 'postgres')('takes a mail while somebody else has old ones in hand', async () => {
    await fill();
    const email = newEmail();
    await db()
      .transaction()
      .execute(async (tx) => {
        await tx.selectFrom('dev_mail').select('id').where('id', '<=', idOf(1)).forUpdate().execute();
        for (let at = 0; at < 3; at++) await keep(email);
        expect(await mailbox.list(email)).toHaveLength(3);
        expect((await ids()).slice(0, 3)).toEqual([idOf(0), idOf(1), idOf(3)]);
      });
    await keep(email);
    expect((await ids())[0]).toBe(idOf(4));
  });
});
