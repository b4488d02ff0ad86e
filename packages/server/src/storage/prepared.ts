import { type Compilable, type CompiledQuery, PostgresAdapter, type QueryResult } from 'kysely';
import type { Column, Queryable } from './database.ts';

/** What the adapter of a database in this very process can do: run a statement past Kysely's queue. */
export interface RunsAtOnce {
  /** Null where somebody else's transaction is open, whose end the statement has to wait for. */
  runAtOnce(sql: string, parameters: readonly unknown[], isOfTransaction: boolean): QueryResult<never> | null;
}

function runsAtOnce(adapter: object): adapter is RunsAtOnce {
  return 'runAtOnce' in adapter;
}

/** One statement whose text is made already; within a transaction on SQLite, past Kysely's queue. */
export async function run<Row>(db: Queryable, query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
  const { adapter } = db.getExecutor();
  const done = runsAtOnce(adapter) ? adapter.runAtOnce(query.sql, query.parameters, db.isTransaction) : null;
  return done ?? (await db.executeQuery(query));
}

/** Holds a value's place while the text of a statement is made. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Text made of a value would be frozen into the statement. */
  [Symbol.toPrimitive](): never {
    throw new TypeError(`A prepared statement may only hand "${this.name}" on, not make something of it.`);
  }
}

const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) });

const unhurried = new Set<string>();

/** At the end of what a statement returns: for its own transaction PostgreSQL is told not to wait for the disk. */
const GO_ON_AT_ONCE = `, (select set_config('synchronous_commit', 'off', true))`;

/** Whether a statement was prepared not to wait for the disk; of SQLite's, which must be told beforehand. */
export function isUnhurried(text: string): boolean {
  return unhurried.has(text);
}

interface Kept<Row> {
  compiled: CompiledQuery<Row>;
  /** The text outside a transaction. */
  alone: string;
}

function unhurriedText(text: string, adapter: object): string {
  if (!text.includes(' returning '))
    throw new TypeError(`What need not be waited for must return something: ${text}`);
  if (adapter instanceof PostgresAdapter) return text + GO_ON_AT_ONCE;
  unhurried.add(text);
  return text;
}

/**
 * A statement of a hot path: its text is made at the first call and kept, because making it costs more than
 * running it (design section 8). `build` is given placeholders and may only hand them on to Kysely; each call
 * then brings its values, under the same names.
 *
 * `isUnhurried` is for what may be forgotten when the machine of the database fails: outside a transaction nobody then waits
 * for the disk after it. The next commit that waits brings it there as well. Such a statement ends with `returning`.
 */
export function prepared<Values extends { [name in keyof Values]: Column }, Row>(
  build: (db: Queryable, values: Values) => Compilable<Row>,
  { isUnhurried = false }: { isUnhurried?: boolean } = {},
): (db: Queryable, values: Values) => Promise<QueryResult<Row>> {
  // By adapter, which a database shares with its transactions: another database may be of the other dialect.
  const kept = new WeakMap<object, Kept<Row>>();
  return (db, values) => {
    const { adapter } = db.getExecutor();
    let known = kept.get(adapter);
    if (!known) {
      const compiled = build(db, placeholders as Values).compile();
      known = { compiled, alone: isUnhurried ? unhurriedText(compiled.sql, adapter) : compiled.sql };
      kept.set(adapter, known);
    }
    const { compiled, alone } = known;
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof Placeholder ? values[parameter.name as keyof Values] : parameter,
    );
    return run<Row>(db, { ...compiled, sql: db.isTransaction ? compiled.sql : alone, parameters });
  };
}
