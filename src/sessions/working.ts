import type { Variables } from "../env.ts";
import type { Address } from "../message/message.ts";
import type { Delivery } from "../platforms/platform.ts";

/** Shows the platform's sign of work after `after_ms`, and again as often as it needs; call the result to end it. */
export function showWorking(
  working: Delivery["working"],
  address: Address,
  env: Variables,
  after_ms: number,
): () => void {
  if (!working) return () => {};
  let timer = setTimeout(function show() {
    timer = setTimeout(show, working.every_ms);
    void working.show(address, env);
  }, after_ms);
  return () => clearTimeout(timer);
}
