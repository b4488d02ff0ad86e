import type { Chance } from '../chance.ts';
import { newId, type Sealer } from '../crypto/index.ts';
import type { Storage, Transaction } from '../storage/index.ts';

export interface DevMail {
  id: string;
  to: string;
  kind: string;
  subject: string;
  text: string;
  links: string[];
  /** The one-time secret in it; null for a mail without one. */
  token: string | null;
  createdAt: number;
}

/** Where mail goes while no SMTP server is configured: the newest few hundred, for one developer to look at. */
export interface DevMailbox {
  keep(mail: Omit<DevMail, 'id' | 'createdAt'>): Promise<void>;
  /** Newest first; to one address in any spelling, or all. */
  list(to: string | null): Promise<DevMail[]>;
}

const KEPT = 500;
const LISTED = 100;
const SEAL = 'dev-mail';

export function createDevMailbox(deps: Chance & { storage: Storage; sealer: Sealer }): DevMailbox {
  const { storage, sealer, clock, random } = deps;
  return {
    async keep({ to, kind, subject, text, links, token }) {
      const now = clock();
      const payload = sealer.seal(SEAL, JSON.stringify({ to, kind, subject, text, links, token }));
      await storage.transaction(async (tx) => {
        await tx
          .insertInto('dev_mail')
          .values({ id: newId('mail', now, random), to_normal: anySpelling(to), payload, created_at: now })
          .execute();
        const oldest = await tx
          .selectFrom('dev_mail')
          .select('id')
          .orderBy('id', 'desc')
          .offset(KEPT)
          .limit(1)
          .executeTakeFirst();
        if (!oldest) return;
        // Whoever keeps another mail deletes the same ones: nobody waits for rows that somebody else is deleting.
        await tx
          .deleteFrom('dev_mail')
          .where('id', 'in', (eb) =>
            eb.selectFrom('dev_mail').select('id').where('id', '<=', oldest.id).forUpdate().skipLocked(),
          )
          .execute();
      });
    },
    async list(to) {
      let select = storage.db.selectFrom('dev_mail').selectAll().orderBy('id', 'desc').limit(LISTED);
      if (to !== null) select = select.where('to_normal', '=', anySpelling(to));
      return (await select.execute()).map((row) => ({
        ...(JSON.parse(sealer.open(SEAL, row.payload)) as Omit<DevMail, 'id' | 'createdAt'>),
        id: row.id,
        createdAt: row.created_at,
      }));
    },
  };
}

/** Whatever was ever kept for an address, also by an earlier configuration (M08). */
export async function forgetDevMail(tx: Transaction, address: string): Promise<void> {
  await tx.deleteFrom('dev_mail').where('to_normal', '=', anySpelling(address)).execute();
}

/** The one form in which an address is looked for, however it was typed. */
function anySpelling(address: string): string {
  return address.normalize('NFKC').toLowerCase();
}
