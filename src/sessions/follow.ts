import type { Lane } from "./lane.ts";
import type { SessionState } from "./state.ts";

/** How often it is looked whether an answer has grown. */
const LOOK_MS = 100;
/** After so many looks without an event a comment tells who follows, and what is between, that the line stands. */
const QUIET_LOOKS = 150;

const encoder = new TextEncoder();

/**
 * A message's answer, or that of the question behind the command that it is, as server-sent events: `text` for what is
 * new from offset `at` on (0 where it begins anew), and at the end `done` with the whole text and the outcome. Who
 * follows late, or again, gets all of it. Nothing is stored for it. Null where the message is not known.
 */
export function follow(
  delivery_id: string,
  lanes: readonly Lane[],
  { exchanges, clock }: Pick<SessionState, "exchanges" | "clock">,
): ReadableStream<Uint8Array> | null {
  const find = () =>
    [":again", ":rest", ""].map((end) => delivery_id + end).find((id) => exchanges.knows(id));
  /** How far it is; without an outcome while it is made. */
  const look = (id = find() ?? "") => {
    const job = lanes.flatMap(({ jobs }) => jobs).find(({ exchange }) => exchange.delivery_id === id);
    return job ? { text: job.exchange.shown, outcome: null } : exchanges.endOf(id);
  };
  if (!look()) return null;
  let shown = "";
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const say = (text: string) => controller.enqueue(encoder.encode(`${text}\n\n`));
      const tell = (event: string, data: object) => say(`event: ${event}\ndata: ${JSON.stringify(data)}`);
      for (let looks = 0; looks < QUIET_LOOKS; looks++) {
        const state = look();
        if (!state || state.outcome !== null) {
          if (state) tell("done", state);
          return controller.close();
        }
        const { text } = state;
        if (text !== shown) {
          const at = text.startsWith(shown) ? shown.length : 0;
          shown = text;
          return tell("text", { at, text: text.slice(at) });
        }
        await clock.sleep(LOOK_MS);
      }
      say(":");
    },
  });
}
