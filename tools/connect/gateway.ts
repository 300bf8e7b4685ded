import * as z from "zod";
import { parseJson } from "../../src/lib/json.ts";
import { exchange } from "../../src/lib/request.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

const Health = z.object({
  status: z.string(),
  version: z.string(),
  routes: z.string(),
  platforms: z.record(z.string(), z.enum(["on", "off"])).optional(),
  /** `ok`, or why KV or an object's storage cannot be read. */
  storage: z.string().optional(),
  missing_secrets: z.array(z.string()).optional(),
});

/** What a gateway says of itself; `platforms` only to who has its ADMIN_TOKEN. */
export interface GatewayState extends z.output<typeof Health> {
  /** Its clock, in Unix milliseconds with a precision of a second; null where it does not say. */
  readonly date_ms: number | null;
}

/** Asks a gateway for its health; the text says why there is none. */
export async function findGateway(
  url: string,
  admin_token: string | undefined,
): Promise<GatewayState | string> {
  const headers = admin_token === undefined ? {} : { authorization: `Bearer ${admin_token}` };
  const answer = await exchange(
    `${url}/health`,
    { headers },
    { timeout_ms: TIMEOUT_MS, max_bytes: MAX_BYTES },
  );
  if (answer.kind !== "answered") return answer.kind === "timeout" ? "no answer in time" : "no connection";
  const read = Health.safeParse(parseJson(answer.body.bytes));
  if (answer.status !== 200 || !read.success) return `status ${answer.status}, and not a gateway's health`;
  return { ...read.data, date_ms: dateOf(answer.headers) };
}

/** The moment that an answer's Date header names. */
export function dateOf(headers: Headers): number | null {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? null : date;
}

/**
 * The status with which a gateway answers a webhook that carries nothing for it: an update without content, or Hub's
 * own test of a callback. Null where nothing answers.
 */
export async function knock(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  const answer = await exchange(url, init, { timeout_ms: TIMEOUT_MS, max_bytes: MAX_BYTES });
  return answer.kind === "answered" ? answer.status : null;
}

/** Whether a gateway takes this secret as Telegram's: 200 if it does. */
export const knockAsTelegram = (webhook: string, secret: string): Promise<number | null> =>
  knock(webhook, { update_id: 0 }, { "x-telegram-bot-api-secret-token": secret });
