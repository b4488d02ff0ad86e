import type { Queryable, Transaction } from '../../storage/index.ts';
import { PROVIDERS, type ProviderId, type ProviderOptions, parseOptions } from './provider-settings.ts';

export interface StoredProvider {
  id: ProviderId;
  clientId: string;
  sealedSecret: string | null;
  options: ProviderOptions;
}

/** A project's providers in the order in which they are offered. */
export async function listProviders(db: Queryable, projectId: string): Promise<StoredProvider[]> {
  const rows = await db
    .selectFrom('project_provider')
    .selectAll()
    .where('project_id', '=', projectId)
    .execute();
  return PROVIDERS.flatMap((id) => {
    const row = rows.find(({ provider }) => provider === id);
    if (!row) return [];
    const { client_id: clientId, client_secret: sealedSecret } = row;
    return [{ id, clientId, sealedSecret, options: parseOptions(id, row.options) }];
  });
}

export async function saveProvider(
  tx: Transaction,
  { projectId, at, ...provider }: StoredProvider & { projectId: string; at: number },
): Promise<void> {
  const values = {
    client_id: provider.clientId,
    client_secret: provider.sealedSecret,
    options: JSON.stringify(provider.options),
    updated_at: at,
  };
  await tx
    .insertInto('project_provider')
    .values({ project_id: projectId, provider: provider.id, ...values })
    .onConflict((conflict) => conflict.columns(['project_id', 'provider']).doUpdateSet(values))
    .execute();
}

/** False when there was none. */
export async function deleteProvider(tx: Transaction, projectId: string, id: ProviderId): Promise<boolean> {
  const row = await tx
    .deleteFrom('project_provider')
    .where('project_id', '=', projectId)
    .where('provider', '=', id)
    .returning('provider')
    .executeTakeFirst();
  return row !== undefined;
}
