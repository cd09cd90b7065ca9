import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "libsql";
import { boardroomHome } from "../../paths.ts";
import { migrations } from "./schema.ts";

/** What SQLite keeps in a column. */
export type Value = string | number | null;
export type Row = Record<string, Value>;

/** The database of the local store. Every call is synchronous; several processes may hold the same file open. */
export interface Store {
  file: string;
  /** The id of the one workspace that LangSmith's API wants to see. */
  tenant: string;
  all<T = Row>(sql: string, ...values: Value[]): T[];
  get<T = Row>(sql: string, ...values: Value[]): T | undefined;
  /** The number of rows that changed. */
  run(sql: string, ...values: Value[]): number;
  /** All of `work` or nothing of it, durable when it returns. Must not be nested. */
  write<T>(work: () => T): T;
  close(): void;
}

const BUSY_MS = 20_000;

export const storeFile = (): string => join(boardroomHome(), "traces.db");

/**
 * Opens the store, makes it where it is missing, and brings an older one up to date. A commit outlives the death of the
 * process (WAL); the last ones may be lost when the power fails, but the file stays whole (`synchronous = NORMAL`).
 * Throws Error where the file is not a store or was made by a later release.
 */
export function openStore(file = storeFile()): Store {
  const db = opened(file);

  const prepared = new Map<string, Database.Statement>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? db.prepare(sql);
    // Filters make statements without end: those are not kept for ever.
    if (prepared.size > 200) prepared.clear();
    prepared.set(sql, known);
    return known;
  };
  const all = <T>(sql: string, ...values: Value[]) => statement(sql).all(values) as T[];
  return {
    file,
    tenant: (db.prepare("SELECT tenant_id FROM store").get() as { tenant_id: string }).tenant_id,
    all,
    get: <T>(sql: string, ...values: Value[]) => all<T>(sql, ...values)[0],
    run: (sql, ...values) => statement(sql).run(values).changes,
    write: (work) => inTransaction(db, work),
    close: () => {
      // Folds the log into the file; another process that reads meanwhile does it when it closes.
      db.pragma("wal_checkpoint(TRUNCATE)");
      db.close();
    },
  };
}

function opened(file: string): Database.Database {
  mkdirSync(dirname(file), { recursive: true });
  try {
    const db = new Database(file);
    db.pragma(`busy_timeout = ${BUSY_MS}`);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = NORMAL");
    migrate(db);
    return db;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the local store ${file} cannot be opened: ${why}`);
  }
}

function inTransaction<T>(db: Database.Database, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function migrate(db: Database.Database): void {
  const version = () => (db.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
  if (version() > migrations.length) throw new Error("it was made by a later release of Boardroom.");
  if (version() === migrations.length) return;
  // Asked again inside: another process may have done it while this one waited.
  inTransaction(db, () => {
    const from = version();
    for (const step of migrations.slice(from)) db.exec(step);
    if (from === 0) {
      db.prepare("INSERT INTO store (tenant_id) VALUES (?)").run([randomUUID()]);
      db.prepare("INSERT INTO projects (id, name, start_time) VALUES (?, 'default', ?)").run([
        randomUUID(),
        Date.now() * 1000,
      ]);
    }
    db.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}
