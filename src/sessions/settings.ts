import type { Sql } from "../lib/ports.ts";
import { SessionSettings } from "../routing/settings.ts";
import { readMetaAs, writeMeta } from "./store/tables.ts";

const META_KEY = "settings";

/** What is chosen in a session beside its model: one row, read once. Both methods throw if the storage fails. */
export class Settings {
  readonly #sql: Sql;
  #current: SessionSettings | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get current(): SessionSettings {
    this.#current ??= readMetaAs(SessionSettings, this.#sql, META_KEY) ?? {};
    return this.#current;
  }

  /** Replaces all settings. Writes nothing where nothing changes. */
  set(settings: SessionSettings): void {
    const json = JSON.stringify(settings);
    if (json === JSON.stringify(this.current)) return;
    writeMeta(this.#sql, META_KEY, json);
    this.#current = settings;
  }
}
