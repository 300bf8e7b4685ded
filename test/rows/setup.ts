import { afterAll } from "vitest";
import type { InboundMessage } from "../../src/message/message.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { type Addition, type Copy, copyWith } from "./copy.ts";

/** A copy of the sources with these additions, for one test file. */
export function grown(...additions: readonly Addition[]): Copy {
  const copy = copyWith(...additions);
  afterAll(() => copy.remove());
  return copy;
}

/** The copy's own check and compiler of routes files. */
export async function toolsOf(copy: Copy) {
  const { loadText } = await copy.load<typeof import("../../tools/routes/load.ts")>("tools/routes/load.ts");
  return {
    /** What `npm run check` says of a file, a line each. */
    check: (yaml: string): string[] => loadText(yaml, "f").findings.map(({ message }) => message),
    compile(yaml: string): CompiledRoutes {
      const { compiled, findings } = loadText(yaml, "f");
      if (compiled === null || findings.length > 0) throw new Error(JSON.stringify(findings));
      return compiled;
    },
  };
}

export const message = (source: Partial<InboundMessage["source"]>): InboundMessage => ({
  delivery_id: "1",
  source: { platform: "telegram", chat_type: "dm", chat_id: "5", user_id: "5", ...source },
  text: "Hello",
  address: {},
  received_at: 0,
});
