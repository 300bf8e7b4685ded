const FIRST_LOOK_DONE = "first_look_done";

/**
 * Inbox entries that are dealt with and that Hub still calls unread: marking them failed, is still to be done,
 * or is impossible because they have no id. Table `hub_seen`; bounded by the inbox, because every read forgets
 * what it no longer lists.
 */
export class SeenEntries {
  readonly #storage: DurableObjectStorage;
  readonly #ids: Set<string>;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec("CREATE TABLE IF NOT EXISTS hub_seen (id TEXT PRIMARY KEY) WITHOUT ROWID");
    this.#ids = new Set(
      storage.sql
        .exec<{ id: string }>("SELECT id FROM hub_seen")
        .toArray()
        .map((row) => row.id),
    );
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    if (this.#ids.has(id)) return;
    this.#storage.sql.exec("INSERT OR IGNORE INTO hub_seen (id) VALUES (?)", id);
    this.#ids.add(id);
  }

  /** Forgets every id that is not among these: all that Hub lists as unread. */
  keepOnly(listed: ReadonlySet<string>): void {
    for (const id of this.#ids) {
      if (listed.has(id)) continue;
      this.#storage.sql.exec("DELETE FROM hub_seen WHERE id = ?", id);
      this.#ids.delete(id);
    }
  }

  /** True until `endFirstLook` has run once in the life of this gateway. */
  isFirstLook(): boolean {
    return this.#storage.kv.get(FIRST_LOOK_DONE) === undefined;
  }

  /** Notes the backlog as dealt with, together with the fact that the first look is over. */
  endFirstLook(backlog: readonly string[]): void {
    this.#storage.transactionSync(() => {
      for (const id of backlog) this.add(id);
      this.#storage.kv.put(FIRST_LOOK_DONE, true);
    });
  }
}
