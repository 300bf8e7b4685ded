import type { Notes } from "./notes.ts";
import { type Block, block, text } from "./source.ts";

const RESETS = ["none", "idle", "daily", "both"];

/**
 * `compression`: at which part of the model's window Hermes compresses by itself.
 * @param context the window, where the config says it; without it the part means nothing here
 */
export function compressionOf(config: Block, context: unknown): Record<string, unknown> {
  const { enabled, threshold } = block(config, "compression");
  if (config.compression === undefined || enabled === false) return {};
  const at = Number(threshold);
  return { compression: context !== undefined && at > 0 && at <= 0.95 ? { at } : {} };
}

/**
 * `sessions`: what a message does while another is answered, and when conversations end by themselves
 * (https://hermes-agent.nousresearch.com/docs/user-guide/sessions).
 */
export function sessionsOf(config: Block, notes: Notes): Record<string, unknown> {
  const busy = text(block(config, "display").busy_input_mode);
  const sessions = {
    ...((busy === "interrupt" || busy === "queue") && { busy }),
    ...resetOf(config, notes),
  };
  return Object.keys(sessions).length > 0 ? { sessions } : {};
}

function resetOf(config: Block, notes: Notes): Record<string, unknown> {
  const { mode, idle_minutes, at_hour } = block(config, "session_reset");
  const reset = text(mode) ?? "both";
  if (config.session_reset === undefined || !RESETS.includes(reset)) return {};
  const [minutes, hour] = [Number(idle_minutes ?? 0), Number(at_hour ?? 4)];
  const daily = reset === "daily" || reset === "both";
  const timezone = text(config.timezone);
  if (daily && timezone === undefined) {
    notes.left(
      "the zone of session_reset",
      "Hermes's machine has one: set sessions.timezone, which is UTC without",
    );
  }
  return {
    reset,
    ...(reset !== "daily" && reset !== "none" && minutes >= 1 && { idle_minutes: Math.floor(minutes) }),
    ...(daily && hour >= 0 && hour < 24 && { daily_at: `${String(Math.floor(hour)).padStart(2, "0")}:00` }),
    ...(daily && timezone !== undefined && { timezone }),
  };
}
