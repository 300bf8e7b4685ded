import type { Result } from "../../lib/result.ts";
import type { HubClient, HubFailure } from "./api.ts";
import { MAX_STANDINGS, REGISTERED_FRESH_MS, UNREGISTERED_FRESH_MS } from "./limits.ts";
import type { Standing } from "./reader.ts";

/** What Hub said about names, remembered in memory for a short while; the longest known goes first. */
export class Standings {
  readonly #known = new Map<string, { readonly standing: Standing; readonly until: number }>();

  /** Who a name is, asked of Hub unless the answer is still fresh. Failures are not remembered. */
  async of(name: string, hub: HubClient): Promise<Result<Standing, HubFailure>> {
    const known = this.#known.get(name);
    if (known !== undefined && known.until > Date.now()) return { ok: true, value: known.standing };
    const answer = await hub.lookUp(name);
    if (answer.ok) this.#remember(name, answer.value);
    return answer;
  }

  #remember(name: string, standing: Standing): void {
    this.#known.delete(name);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= MAX_STANDINGS) this.#known.delete(oldest);
    const fresh = standing.registered ? REGISTERED_FRESH_MS : UNREGISTERED_FRESH_MS;
    this.#known.set(name, { standing, until: Date.now() + fresh });
  }
}
