import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteFile, { type Database as File, type Statement } from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  type QueryCompiler,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  SqliteQueryCompiler,
  type SqliteStatement,
} from 'kysely';
import { storageErrorFrom } from './errors.ts';
import { isUnhurried, type RunsAtOnce } from './prepared.ts';

/** How many prepared statements are kept; the product has fewer than this many different ones. */
const KEPT_STATEMENTS = 500;

/**
 * What the file must be opened with. better-sqlite3 falls to `synchronous=NORMAL` the moment WAL is on, which
 * may lose acknowledged commits at power loss, so FULL is set after it and each is read back.
 */
const PRAGMAS = [
  { name: 'journal_mode', set: 'WAL', expected: 'wal' },
  { name: 'synchronous', set: 'FULL', expected: 2 },
  { name: 'foreign_keys', set: 'ON', expected: 1 },
  { name: 'busy_timeout', set: '5000', expected: 5000 },
  // In KiB: what sign-ins and session checks touch again and again stays in memory.
  { name: 'cache_size', set: '-16384', expected: -16384 },
] as const;

export function openSqliteFile(path: string): File {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = new SqliteFile(path);
  // Its journal files take the mode of the file itself.
  chmodSync(path, 0o600);
  for (const { name, set } of PRAGMAS) file.pragma(`${name} = ${set}`);
  for (const { name, expected } of PRAGMAS) {
    const found = file.pragma(name, { simple: true });
    if (found !== expected) {
      file.close();
      throw new Error(
        `SQLite at ${path} refuses ${name}=${expected} (it says ${String(found)}). Use a local disk.`,
      );
    }
  }
  return file;
}

interface Statements {
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** Kysely prepares every statement anew; this keeps them, and turns driver errors into `StorageError`. */
function keepingStatements(file: File): Statements {
  const kept = new Map<string, SqliteStatement>();
  const guarded = (statement: Statement<unknown[]>): SqliteStatement => ({
    reader: statement.reader,
    all: (parameters) => guard(() => statement.all(...parameters)),
    run: (parameters) => guard(() => statement.run(...parameters)),
    iterate: (parameters) => guard(() => statement.iterate(...parameters)),
  });
  /** For a statement that changes something and need not be on the disk when it returns. */
  const hastening = (statement: SqliteStatement): SqliteStatement => ({
    ...statement,
    all(parameters) {
      // Within a transaction it is the commit that waits, and the setting cannot be changed.
      if (file.inTransaction) return statement.all(parameters);
      guard(() => file.exec('pragma synchronous = normal'));
      try {
        return statement.all(parameters);
      } finally {
        guard(() => file.exec('pragma synchronous = full'));
      }
    },
  });
  return {
    prepare(sql) {
      const found = kept.get(sql);
      if (found) return found;
      const plain = guard(() => guarded(file.prepare(sql)));
      const statement = plain.reader && isUnhurried(sql) ? hastening(plain) : plain;
      if (kept.size >= KEPT_STATEMENTS) kept.clear();
      kept.set(sql, statement);
      return statement;
    },
    close: () => file.close(),
  };
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storageErrorFrom(error);
  }
}

/**
 * Transactions take the write lock at once. A deferred one that reads first and writes later fails outright
 * when the command line's process wrote in between; an immediate one waits its turn (`busy_timeout`).
 */
class ImmediateDriver extends SqliteDriver {
  readonly #file: File;

  constructor(file: File, config: SqliteDialectConfig) {
    super(config);
    this.#file = file;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /** After some errors, a full disk for one, SQLite has undone everything by itself. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#file.inTransaction) await super.rollbackTransaction(connection);
  }
}

class OwnSqliteCompiler extends SqliteQueryCompiler {
  /**
   * SQLite plans a statement anew once a value has been bound that its planner looked at. Most lookups would be planned at
   * every call, which takes up to five times what running them does. Behind the sign, which changes no value, it does not look.
   */
  protected override getCurrentParameterPlaceholder(): string {
    return '+?';
  }

  /** Locks on rows (`for update` and its like) are PostgreSQL's; a transaction here has the whole file to itself. */
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === 'Distinct' || node.rawModifier) super.visitSelectModifier(node);
  }
}

/** Statements of hot paths go past Kysely's queue, which costs more than most of them take to run. */
class OwnSqliteAdapter extends SqliteAdapter implements RunsAtOnce {
  readonly #file: File;
  readonly #statements: Statements;

  constructor(file: File, statements: Statements) {
    super();
    this.#file = file;
    this.#statements = statements;
  }

  runAtOnce(
    text: string,
    parameters: readonly unknown[],
    isOfTransaction: boolean,
  ): QueryResult<never> | null {
    if (this.#file.inTransaction && !isOfTransaction) return null;
    const statement = this.#statements.prepare(text);
    if (statement.reader) return { rows: statement.all(parameters) as never[] };
    return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) };
  }
}

export class KeepingSqliteDialect extends SqliteDialect {
  readonly #file: File;
  readonly #config: SqliteDialectConfig;
  readonly #adapter: SqliteAdapter;

  constructor(file: File) {
    const statements = keepingStatements(file);
    const config = { database: statements };
    super(config);
    this.#file = file;
    this.#config = config;
    this.#adapter = new OwnSqliteAdapter(file, statements);
  }

  override createAdapter(): DialectAdapter {
    return this.#adapter;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#file, this.#config);
  }

  override createQueryCompiler(): QueryCompiler {
    return new OwnSqliteCompiler();
  }
}

/** How often other connections have committed to the file: their writes move it, our own do not. About 2 µs a look. */
export function othersCommits(file: File): () => number {
  const statement = file.prepare('pragma data_version').pluck();
  return () => guard(() => Number(statement.get()));
}
