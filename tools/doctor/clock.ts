import { exchange } from "../../src/lib/request.ts";
import { apiBase } from "../../src/platforms/discord/api.ts";
import { TIMESTAMP_SKEW_MS } from "../../src/platforms/discord/limits.ts";
import { dateOf } from "../connect/gateway.ts";
import { isMeant } from "../connect/platforms.ts";
import type { Values } from "../connect/secrets.ts";
import { telegramApi } from "../connect/telegram.ts";
import { type Finding, fine, wrong } from "./finding.ts";

const ABOUT = "clock";
const TIMEOUT_MS = 10_000;
const WARN_MS = 30_000;

/**
 * Compares clocks: the gateway's and the platforms' with this machine's. Discord's signatures are good for minutes
 * only, and a local gateway has this machine's clock.
 * @param gateway_ms the gateway's clock, as it said just now
 */
export async function tryClock(
  values: Values,
  gateway_ms: number | null,
  now_ms: number,
): Promise<Finding[]> {
  const findings = gateway_ms === null ? [] : [judge("the gateway", gateway_ms - now_ms)];
  const bases = [
    ...(isMeant("telegram", values) ? [["Telegram", telegramApi(values)] as const] : []),
    ...(isMeant("discord", values) ? [["Discord", apiBase(values)] as const] : []),
    ...(isMeant("hub", values) ? [["Hub", values.HUB_BASE_URL ?? ""] as const] : []),
  ];
  for (const [title, base] of bases) {
    const answer = await exchange(base, {}, { timeout_ms: TIMEOUT_MS, max_bytes: 1 });
    const date = answer.kind === "answered" ? dateOf(answer.headers) : null;
    if (date === null) continue;
    // The platforms keep time by the network: the first that answers speaks for all.
    findings.push(judge(title, date - Date.now()));
    break;
  }
  return findings;
}

function judge(title: string, skew_ms: number): Finding {
  const seconds = Math.round(Math.abs(skew_ms) / 1_000);
  if (Math.abs(skew_ms) < WARN_MS) return fine(ABOUT, `${title} and this machine agree`);
  const text = `${title} is ${seconds} s ${skew_ms > 0 ? "ahead of" : "behind"} this machine`;
  const level = Math.abs(skew_ms) >= TIMESTAMP_SKEW_MS ? "error" : "warning";
  return wrong(
    level,
    ABOUT,
    text,
    "set the clock by the network (NTP): signatures are refused where clocks differ",
  );
}
