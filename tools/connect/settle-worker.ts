import { redact } from "../../src/lib/redact.ts";
import { pause } from "../lib/wait.ts";
import { findGateway, knockAsTelegram } from "./gateway.ts";
import type { Report } from "./report.ts";
import { deployable, type Values } from "./secrets.ts";
import { webhookOf } from "./telegram.ts";
import type { WorkerSecrets } from "./worker.ts";

const ARRIVAL_MS = 30_000;
const POLL_MS = 500;

/** What a deployed Worker is to have. */
export interface WorkerWish {
  readonly url: string;
  readonly values: Values;
  /** Those that were given or made in this run. */
  readonly fresh: Values;
  /** Names of secrets that the routes file mentions. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
}

/** Gives a deployed Worker the secrets that it lacks, or of which it turns out to have others. @returns whether it has them */
export async function settleWorker(
  { url, values, fresh, names, dryRun }: WorkerWish,
  worker: WorkerSecrets,
  report: Report,
): Promise<boolean> {
  try {
    const wanted = deployable(values, names);
    const present = await worker.names();
    const differing = await unlike(url, wanted);
    const lacking = Object.entries(wanted).filter(
      ([name]) => !present.has(name) || fresh[name] !== undefined || differing.includes(name),
    );
    if (lacking.length === 0) {
      report.note({
        about: "secrets",
        level: "ok",
        text: `the Worker has ${Object.keys(wanted).join(", ")}`,
      });
      return true;
    }
    if (!dryRun) {
      await worker.set(Object.fromEntries(lacking));
      await arrived(url, wanted.ADMIN_TOKEN);
    }
    report.changed("secrets", `${lacking.map(([name]) => name).join(", ")} of the Worker`);
    return true;
  } catch (error) {
    const why = redact(error instanceof Error ? error.message : String(error));
    const text = `the Worker's cannot be set (${why})`;
    report.note({
      about: "secrets",
      level: "error",
      text,
      todo: "npx wrangler login, npm run deploy, then this again",
    });
    return false;
  }
}

/** Waits until the secrets are where the Worker runs; the lines about the gateway tell where they never are. */
async function arrived(url: string, admin_token: string | undefined): Promise<void> {
  const deadline = Date.now() + ARRIVAL_MS;
  while (Date.now() < deadline) {
    const state = await findGateway(url, admin_token);
    // Where nothing answers there is nothing to wait for.
    if (typeof state === "string" || state.platforms !== undefined) return;
    await pause(POLL_MS);
  }
}

/** Of the secrets that can be tried from outside, those of which the Worker has another value. */
async function unlike(url: string, { ADMIN_TOKEN, TELEGRAM_WEBHOOK_SECRET }: Values): Promise<string[]> {
  const health = await findGateway(url, ADMIN_TOKEN);
  const status =
    TELEGRAM_WEBHOOK_SECRET === undefined
      ? null
      : await knockAsTelegram(webhookOf(url), TELEGRAM_WEBHOOK_SECRET);
  return [
    ...(typeof health !== "string" && health.platforms === undefined ? ["ADMIN_TOKEN"] : []),
    ...(status === 401 ? ["TELEGRAM_WEBHOOK_SECRET"] : []),
  ];
}
