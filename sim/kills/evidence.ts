import type { World } from "../../test/e2e/support/world.ts";
import { AGENT } from "../../test/e2e/support/world.ts";

/** All times are milliseconds of `performance.now()`. */
export interface Evidence {
  readonly said: readonly Said[];
  readonly asks: readonly Ask[];
  /** In the order in which they were shown. */
  readonly shown: readonly Shown[];
  readonly kills: readonly Kill[];
  /** What went wrong on the way, in words. */
  readonly odd: readonly string[];
}

/** A chat, as `telegram:42`, `discord:901` or `hub:argus`. */
export type ChatName = `${"telegram" | "discord" | "hub"}:${string}`;

/** A message to the gateway, in the order in which a chat's were said. */
export interface Said {
  readonly n: number;
  readonly chat: ChatName;
  readonly at: number;
  /** When its platform knew that the gateway, or Hub's inbox, has it; null if it never did. */
  accepted_at: number | null;
  /** Discord's, by which its answers are known. */
  readonly token?: string;
}

/** A request of the model: the number of its question, and the text of all its messages. */
export interface Ask {
  readonly n: number;
  readonly at: number;
  readonly prompt: readonly string[];
}

/** A message of the gateway that a platform shows. */
export interface Shown {
  readonly chat: ChatName;
  readonly text: string;
  readonly at: number;
  /** When its call was answered; on Hub, which a kill cannot make show anything twice, when it came. */
  readonly ended_at: number;
  /** Which message it answers, where the platform tells. */
  readonly to?: number | undefined;
}

/** From before the runtime was killed until it was gone; `up_at` when the next one answered. */
export interface Kill {
  readonly from: number;
  readonly gone_at: number;
  up_at: number;
}

/** How a question reads. */
export const question = (n: number): string => `question #${n}`;

/** The number of the question that a text ends with; null if there is none. */
export function asked(text: string): number | null {
  const found = /question #(\d+)$/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

/** An answer of so many lines: a long one is cut into several messages, and each line tells its place. */
export function answer(n: number, lines: number): string {
  return Array.from({ length: lines }, (_, i) => `answer to #${n}, line ${i + 1} of ${lines}`).join("\n");
}

/** Lines of an answer: those from `first` to `last`, of so many. */
export interface Part {
  readonly n: number;
  readonly first: number;
  readonly last: number;
  readonly lines: number;
}

/** Which lines of which answer a text is; null if it is anything else, or not whole. */
export function partOf(text: string): Part | null {
  const [first, ...rest] = text.split("\n").map((line) => LINE.exec(line)?.slice(1).map(Number));
  const [n, from, lines] = first ?? [];
  if (n === undefined || from === undefined || lines === undefined) return null;
  const follows = rest.every((line, i) => line?.[0] === n && line[1] === from + i + 1 && line[2] === lines);
  return follows ? { n, first: from, last: from + rest.length, lines } : null;
}

const LINE = /^answer to #(\d+), line (\d+) of (\d+)$/;

/** What the platforms show of the gateway, by the doubles' records. */
export function shownIn({ telegram, discord, hub }: World, said: readonly Said[]): Shown[] {
  const byToken = new Map(said.map((one) => [one.token, one]));
  const seen = new Set<string>();
  const inTelegram = telegram
    .callsOf("sendMessage")
    .filter(({ status }) => status === 200)
    .map(({ body, at, ended_at }): Shown => {
      return {
        chat: `telegram:${String(body.chat_id)}`,
        text: String(body.text),
        at,
        ended_at: ended_at ?? at,
      };
    });
  const inDiscord = discord.calls.flatMap(({ name, path, body, status, ...times }): Shown[] => {
    if (status !== 200 || !["edit_original", "follow_up", "channel_message"].includes(name)) return [];
    const { at } = times;
    const ended_at = times.ended_at ?? at;
    const parts = path.split("/").map(decodeURIComponent);
    const text = String(body.content);
    // Neither an edit that is repeated nor a nonce is shown again.
    const key = JSON.stringify([path, text, body.nonce]);
    if (name !== "follow_up" && seen.has(key)) return [];
    seen.add(key);
    if (name === "channel_message") return [{ chat: `discord:${parts[4]}`, text, at, ended_at }];
    const one = byToken.get(parts[5]);
    return [{ chat: one?.chat ?? "discord:unknown", text, at, ended_at, to: one?.n }];
  });
  const inHub = hub.requests.flatMap(({ method, path, body, at, status }): Shown[] => {
    const peer = /^\/agents\/([^/]+)\/message$/.exec(path)?.[1];
    if (method !== "POST" || peer === undefined || body.from !== AGENT || status !== 200) return [];
    return [{ chat: `hub:${decodeURIComponent(peer)}`, text: String(body.message), at, ended_at: at }];
  });
  return [...inTelegram, ...inDiscord, ...inHub];
}
