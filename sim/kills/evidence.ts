import { AGENT } from "../../test/e2e/support/world.ts";
import type { DiscordDouble } from "../../tools/doubles/discord.ts";
import type { DiscordCall } from "../../tools/doubles/discord-app.ts";
import type { HubCall, HubDouble } from "../../tools/doubles/hub.ts";
import type { BotCall, TelegramDouble } from "../../tools/doubles/telegram.ts";
import { isObject } from "../../tools/lib/json.ts";

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

/** A call of the gateway that made a message in a chat, or changed one. */
export interface Shown {
  readonly chat: ChatName;
  /** Which message it is: the next text of the same one takes the place of this one. */
  readonly message: string;
  readonly text: string;
  /** When it came: what counts for a message is what came last. */
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

/** The model's answer when it is asked for the `attempt`th time: each line tells its place, because long ones are cut. */
export function answer(n: number, lines: number, attempt = 1): string {
  return Array.from({ length: lines }, (_, i) => `${lineStart(n, attempt, i + 1)}${lines}.`).join("\n");
}

const lineStart = (n: number, attempt: number, line: number): string =>
  `answer ${attempt} to #${n}, line ${line} of `;

/** Lines of an answer: those from `first` to `last`, of so many. */
export interface Part {
  readonly n: number;
  readonly attempt: number;
  readonly first: number;
  /** The last whole one. */
  readonly last: number;
  /** Null where not even the first one is whole. */
  readonly lines: number | null;
  /** Whether it ends within a line, as an answer may while it is written. */
  readonly broken: boolean;
}

/** Which lines of which answer a text is; null if it is anything else. */
export function partOf(text: string): Part | null {
  const [attempt, n, first, lines] = LINE.exec(text)?.slice(1).map(Number) ?? [];
  if (attempt === undefined || n === undefined || first === undefined || lines === undefined)
    return beginningOf(text);
  const rest = answer(n, lines, attempt)
    .split("\n")
    .slice(first - 1)
    .join("\n");
  if (!rest.startsWith(text)) return null;
  const broken = !text.endsWith(".");
  const last = first + text.split("\n").length - (broken ? 2 : 1);
  return { n, attempt, first, last, lines, broken };
}

const LINE = /^answer (\d+) to #(\d+), line (\d+) of (\d+)\.(?:\n|$)/;

/** An answer of which the first line is still being written. */
function beginningOf(text: string): Part | null {
  const [attempt, n] = /^answer (\d+) to #(\d+),/.exec(text)?.slice(1).map(Number) ?? [];
  if (attempt === undefined || n === undefined) return null;
  const begins = lineStart(n, attempt, 1).startsWith(text.replace(/(?<= of )\d+$/, ""));
  return begins ? { n, attempt, first: 1, last: 0, lines: null, broken: true } : null;
}

/** What the platforms show of the gateway, by the doubles' records. */
export function shownIn({ telegram, discord, hub }: Records, said: readonly Said[]): Shown[] {
  return [
    ...telegram.calls.flatMap(inTelegram),
    ...inDiscord(discord.calls, said),
    ...hub.requests.flatMap(inHub),
  ];
}

/** What the doubles keep of the gateway's calls. */
export interface Records {
  readonly telegram: Pick<TelegramDouble, "calls">;
  readonly discord: Pick<DiscordDouble, "calls">;
  readonly hub: Pick<HubDouble, "requests">;
}

function inTelegram({ method, body, at, ended_at, status, answer }: BotCall): Shown[] {
  if (status !== 200 || !["sendMessage", "editMessageText"].includes(method)) return [];
  const made = isObject(answer?.result) ? answer.result.message_id : undefined;
  const chat: ChatName = `telegram:${String(body.chat_id)}`;
  const message = `${chat} ${String(body.message_id ?? made)}`;
  return [{ chat, message, text: String(body.text), at, ended_at: ended_at ?? at }];
}

function inDiscord(calls: readonly DiscordCall[], said: readonly Said[]): Shown[] {
  const byToken = new Map(said.map((one) => [one.token, one]));
  return calls.flatMap(({ name, path, body, status, at, ended_at }, i): Shown[] => {
    if (status !== 200) return [];
    const parts = path.split("/").map(decodeURIComponent);
    const call = { text: String(body.content), at, ended_at: ended_at ?? at };
    // What is posted again with the same nonce is the same message.
    if (name === "channel_message")
      return [{ chat: `discord:${parts[4]}`, message: `${path} ${body.nonce}`, ...call }];
    if (name !== "edit_original" && name !== "follow_up") return [];
    const one = byToken.get(parts[5]);
    const message = name === "edit_original" ? path : `${path} ${i}`;
    return [{ chat: one?.chat ?? "discord:unknown", message, ...call, to: one?.n }];
  });
}

function inHub({ method, path, body, at, status }: HubCall, i: number): Shown[] {
  const peer = /^\/agents\/([^/]+)\/message$/.exec(path)?.[1];
  if (method !== "POST" || peer === undefined || body.from !== AGENT || status !== 200) return [];
  const message = String(body.message);
  return [
    { chat: `hub:${decodeURIComponent(peer)}`, message: `${path} ${i}`, text: message, at, ended_at: at },
  ];
}
