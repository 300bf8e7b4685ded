import { isMeant } from "../connect/platforms.ts";
import type { Values } from "../connect/secrets.ts";
import { webhookInfo } from "../connect/telegram.ts";
import { type Finding, fine, wrong } from "./finding.ts";

const ABOUT = "Telegram";
/** A failure that is older says nothing of today. */
const RECENT_MS = 24 * 60 * 60_000;

/** What Telegram tells of its deliveries; nothing where it cannot be asked. */
export async function tryDeliveries(values: Values, now_ms: number): Promise<Finding[]> {
  if (!isMeant("telegram", values)) return [];
  const info = await webhookInfo(values);
  if (!info.ok || info.value.url === "") return [];
  const { pending_update_count: pending, last_error_date, last_error_message = "no reason" } = info.value;
  const findings: Finding[] = [];
  if (pending > 0) {
    const text = `${pending} update${pending === 1 ? "" : "s"} wait to be delivered`;
    findings.push(
      wrong("warning", ABOUT, text, "they come once the gateway answers; see the lines about it"),
    );
  }
  const failed_ms = last_error_date === undefined ? null : last_error_date * 1_000;
  if (failed_ms !== null && now_ms - failed_ms < RECENT_MS) {
    const text = `a delivery failed at ${new Date(failed_ms).toISOString()} (${last_error_message})`;
    findings.push(
      wrong(
        "warning",
        ABOUT,
        text,
        "npx wrangler tail shows what the gateway answers; npm start does at once",
      ),
    );
  }
  return findings.length > 0 ? findings : [fine(ABOUT, "no update waits, and no delivery failed")];
}
