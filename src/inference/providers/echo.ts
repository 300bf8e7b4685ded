import { ok } from "../../lib/result.ts";
import type { Provider } from "../port.ts";

/** Answers `[<model>] <the last user message>` inside the Worker: no network, no key. */
export const echo: Provider = {
  prepare: (bundle, messages) =>
    ok(async (answer) => {
      const last = messages.findLast((message) => message.role === "user");
      answer.addText(`[${bundle.model}] ${last?.said ?? last?.content ?? ""}`);
      answer.finishAs("stop");
      return null;
    }),
};
