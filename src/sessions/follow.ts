import type { Lane } from "./lane.ts";
import type { SessionState } from "./state.ts";

/** How often it is looked whether an answer has grown. */
const LOOK_MS = 100;
/** After so many looks without news an event without text tells who follows, and what is between, that the line stands. */
const QUIET_LOOKS = 150;

const encoder = new TextEncoder();

/**
 * A message's answer, or that of the question behind the command that it is, as server-sent events: `{"at","text"}` for
 * what is new from offset `at` on (0 where it begins anew), and at the end `{"outcome","text"}` with the whole text. Who
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
      let state = look();
      for (let looks = 0; looks < QUIET_LOOKS && state?.outcome === null && state.text === shown; looks++) {
        await clock.sleep(LOOK_MS);
        state = look();
      }
      if (state) {
        const { text, outcome } = state;
        const at = text.startsWith(shown) ? shown.length : 0;
        shown = text;
        const event = outcome === null ? { at, text: text.slice(at) } : state;
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`));
      }
      if (state?.outcome !== null) controller.close();
    },
  });
}
