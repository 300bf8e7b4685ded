import type { Chance } from "../runtime/chance.ts";
import type { Reply } from "../runtime/outside.ts";

export type Answer = Extract<Reply, { kind: "answer" }>;

/** JSON with a status, after the time that a healthy server takes. */
export function json(chance: Chance, stream: string, status: number, body: unknown): Answer {
  return {
    kind: "answer",
    after_ms: chance.stream(`answers ${stream}`).spread(5, 400),
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** What the gateway hears when it hears nothing proper: a lost connection, or nothing at all. */
export const LOST: Reply = { kind: "lost", after_ms: 30 };
export const SILENCE: Reply = { kind: "silence" };

/** A page of whatever stands in front of a server. */
export const gatewayError = (status: 502 | 504): Answer => ({
  kind: "answer",
  after_ms: 200,
  status,
  headers: { "content-type": "text/html" },
  body: "<html>Bad gateway</html>",
});
