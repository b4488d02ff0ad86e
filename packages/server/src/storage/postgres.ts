import type { Socket } from 'node:net';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { storageErrorFrom } from './errors.ts';

/** PostgreSQL's type number of `bigint`, which holds our instants: safe as a number until the year 287,396. */
const BIGINT = 20;

export interface PostgresSettings {
  url: string;
  /** Connections of this node at the most. */
  poolSize: number;
  /** Called for a connection that breaks while nobody uses it; without a listener it would end the process. */
  onIdleError(error: Error): void;
}

/** How long anybody waits for a connection, and a transaction for its turn before that. */
export const CONNECT_WITHIN_MS = 3_000;

/** Everything has an end: a database that hangs must become a 503, not a hanging request. */
export function connectionOptions(url: string): pg.PoolConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: 8_000,
    statement_timeout: 7_000,
    keepAlive: true,
    types: {
      getTypeParser: (oid, format) => (oid === BIGINT ? Number : pg.types.getTypeParser(oid, format)),
    },
  } as pg.PoolConfig;
}

export function openPool({ url, poolSize, onIdleError }: PostgresSettings): PostgresPool & { raw: pg.Pool } {
  const pool = new pg.Pool({ ...connectionOptions(url), max: poolSize, idleTimeoutMillis: 30_000 });
  pool.on('error', onIdleError);
  const idle = new Set<pg.PoolClient>();
  pool.on('release', (_error, client) => idle.add(client));
  pool.on('acquire', (client) => idle.delete(client));
  pool.on('remove', (client) => idle.delete(client));
  /** Where one connection has gone silent the others have too; each would cost its next user the whole time-out. */
  const onSilence = (client: pg.PoolClient) => {
    for (const silent of [client, ...idle]) hangUp(silent);
  };
  const guardedClients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    raw: pool,
    options: pool.options,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw storageErrorFrom(error);
      });
      const known = guardedClients.get(client);
      if (known) return known;
      client.on('error', onIdleError);
      const guarded = guard(client, onSilence);
      guardedClients.set(client, guarded);
      return guarded;
    },
    end: () => pool.end(),
  };
}

/** The client with its errors turned into `StorageError`. */
function guard(client: pg.PoolClient, onSilence: (client: pg.PoolClient) => void): PostgresPoolClient {
  const query = client.query.bind(client) as unknown as (config: pg.QueryConfig) => Promise<never>;
  return new Proxy(client as unknown as PostgresPoolClient, {
    get(target, property) {
      if (property !== 'query') {
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return (text: string, parameters: readonly unknown[]) =>
        query({ ...named(text), text, values: [...parameters] }).catch((error: unknown) => {
          if (isSilent(error)) onSilence(client);
          if (hasChangedShape(error)) forgetNames();
          throw storageErrorFrom(error);
        });
    },
  });
}

/** A migration by another node has changed what a prepared statement returns. */
export const CHANGED_SHAPE = '0A000';

function hasChangedShape(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === CHANGED_SHAPE;
}

/** Our own time-out, not the server's: nothing was heard, so the query may still be waiting on this connection. */
function isSilent(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** More different statements than the product has; beyond it they are simply not prepared. */
const MAX_NAMED = 500;
/** `begin`, `commit`, `rollback`: there is nothing to plan. */
const SHORTEST_NAMED = 10;
const names = new Map<string, string>();
let generation = 0;

/** From now on every connection prepares its statements anew, under names it has not seen. */
function forgetNames(): void {
  generation++;
  names.clear();
}

/** Under a name PostgreSQL plans a statement once a connection instead of at every call. */
function named(text: string): { name?: string } {
  let name = names.get(text);
  if (name === undefined && names.size < MAX_NAMED && text.length >= SHORTEST_NAMED) {
    name = `fluxgate_${generation}_${names.size}`;
    names.set(text, name);
  }
  return name === undefined ? {} : { name };
}

/** Ends a connection that does not answer, so that the pool makes a new one instead of queueing behind it. */
export function hangUp(client: pg.ClientBase): void {
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.destroy();
}
