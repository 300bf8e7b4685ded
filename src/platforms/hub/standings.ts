import { Recent } from "../../lib/recent.ts";
import { type Entry, isAgentName, type Standing } from "./entries.ts";
import { MAX_REGISTERED, MAX_UNREGISTERED, REGISTERED_FRESH_MS } from "./limits.ts";

const NOBODY: Standing = { registered: false };

/** What Hub said about names, as far as it still tells who sent an entry. In memory; the longest known goes first. */
export class Standings {
  readonly #registered = new Recent<string, { readonly since: number | null; readonly until: number }>(
    MAX_REGISTERED,
  );
  /** When the newest message was sent that is known to be nobody's (Unix milliseconds, by Hub's clock). */
  readonly #nobodyUntil = new Recent<string, number>(MAX_UNREGISTERED);

  /**
   * Who sent an entry; null if Hub has to be asked. A name that nobody had when a message came proves nothing about
   * that message, whoever registers it later; a newer message is another question.
   */
  of({ from, sent_at }: Pick<Entry, "from" | "sent_at">, now: number): Standing | null {
    if (!isAgentName(from)) return NOBODY;
    const registered = this.#registered.get(from);
    if (registered !== undefined && registered.until > now) {
      return { registered: true, since: registered.since };
    }
    const until = this.#nobodyUntil.get(from);
    return until !== undefined && sent_at !== null && sent_at <= until ? NOBODY : null;
  }

  /** What Hub says about a name, of which it had listed messages up to `newest` (Unix milliseconds) before. */
  learn(name: string, standing: Standing, newest: number | null, now: number): void {
    if (standing.registered) {
      this.#registered.set(name, { since: standing.since, until: now + REGISTERED_FRESH_MS });
    } else if (newest !== null) {
      this.#nobodyUntil.set(name, newest);
    }
  }
}
