import type { Variables } from "../env.ts";
import type { Result } from "../lib/result.ts";
import type { Fetched } from "../platforms/platform.ts";
import type { Bundle, CompiledRoutes } from "../routing/types.ts";

/** Fetches at most so many bytes of a file. */
export type Fetch = (max_bytes: number) => Promise<Fetched>;

/** What is said in a recording, or the line that tells the user why that is not known. */
export type Hear = (
  transcription: Bundle,
  fetch: Fetch,
  tools: Pick<ReadTools, "env" | "signal">,
) => Promise<Result<string, string>>;

/** What reading a file stands on. */
export interface ReadTools {
  readonly routes: Pick<CompiledRoutes, "transcription">;
  /** Listens to recordings; null where the routes file has nothing that does. */
  readonly hear: Hear | null;
  readonly env: Variables;
  readonly signal: AbortSignal;
}

/** The line that tells the user why there is no file. */
export const notFetched = (
  what: "picture" | "recording" | "file",
  most: string,
  reason: Extract<Fetched, { ok: false }>["reason"],
): string =>
  ({
    too_large: `That ${what} is too large for me: ${most} at most.`,
    gone: `That ${what} is no longer there. Please send it again.`,
    unreachable: `I could not fetch that ${what}. Please try again in a minute.`,
  })[reason];
