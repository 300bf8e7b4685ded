import type { Env } from "../env.ts";
import type { CompiledRoutes, PlatformName, Source } from "../routing/types.ts";

/** Where an answer goes. Plain JSON, stored with the message; only the platform that wrote it reads it. */
export type Address = { readonly [name: string]: string | number | boolean | null };

/** What a file of a message is. */
export const FILE_KINDS = ["image", "voice", "document"] as const;
/** What a message is in the main: its first file, or text. */
export const MODALITIES = ["text", ...FILE_KINDS] as const;
export type Modality = (typeof MODALITIES)[number];

/** A file of a message, not fetched yet. */
export interface Attachment {
  readonly kind: (typeof FILE_KINDS)[number];
  /** How the platform that wrote it finds the file again. */
  readonly ref: string;
  readonly mime?: string | undefined;
  readonly bytes?: number | undefined;
  /** True for a file of the message that this one replies to: of use, but not what was sent. */
  readonly quoted?: true | undefined;
}

/** A fetched file, or why there is none. */
export type Fetched =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly mime: string }
  | { readonly ok: false; readonly reason: "too_large" | "gone" | "unreachable" | "not_an_image" };

/** One message to answer, after its platform proved and parsed it. */
export interface InboundMessage {
  /** Idempotency key: unique within the platform, the same on every redelivery. */
  readonly delivery_id: string;
  /** The platform's own count, where it has one: messages that arrive together are taken in its order. */
  readonly sequence?: number | undefined;
  readonly source: Source;
  readonly text: string;
  /** True where the user chose to talk to the model: the text is no command, even if it starts with `/`. */
  readonly literal?: true | undefined;
  /** `[Replying to: "…"]` and the like, put before the text that the model sees. */
  readonly preface?: string | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  readonly address: Address;
  /** Unix milliseconds. */
  readonly received_at: number;
}

/**
 * What a verified request turned out to be.
 * - `malformed`: not this platform's shape → 400;
 * - `ignored`: an event this gateway has no use for → 200;
 * - `reply`: answered on the spot, without a session (a PING, autocomplete) → 200 with `body`;
 * - `message`: handed to its session; 200 with `accepted`, or with `refused` if access says no;
 * - `background`: 200 at once, `work` runs after the answer (a Hub callback).
 */
export type Event =
  | { readonly kind: "malformed"; readonly detail: string }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "reply"; readonly body: unknown }
  | {
      readonly kind: "message";
      readonly message: InboundMessage;
      readonly accepted: unknown;
      readonly refused: unknown;
    }
  | { readonly kind: "background"; readonly work: (env: Env) => Promise<void> };

/** Authentic (true), not (false), or to be decided over the raw body. */
export type Verdict = boolean | ((body: Uint8Array<ArrayBuffer>) => Promise<boolean>);

/** How a platform's webhook is proved and read. Runs in the stateless Worker. */
export interface Webhook {
  /** Before the body is read. Constant time; false when in doubt. */
  verify(request: Request, env: Env): Promise<Verdict>;
  /** After authenticity is proved. `payload` is any JSON value. */
  parse(payload: unknown, env: Env, routes: CompiledRoutes): Promise<Event>;
}

/** One platform message of an answer. */
export interface Chunk {
  /** Place in the answer, from 0. */
  readonly index: number;
  readonly count: number;
  /** Markdown as the model wrote it, at most what `split` allows. */
  readonly text: string;
}

/**
 * What became of a chunk.
 * - `sent`: `message_id` as the platform gave it; `address` replaces the stored one (a migrated group);
 * - `retry`: not shown yet; try again, not before `after_ms` if given. `uncertain`: it may have been shown
 *   after all, and the platform has no idempotency key, so that it is tried only once more;
 * - `failed`: will never succeed, or its outcome is unknown and the platform has no idempotency key.
 * `detail` is for the log: no secret, no text.
 */
export type SendResult =
  | { readonly kind: "sent"; readonly message_id: string | null; readonly address?: Address | undefined }
  | {
      readonly kind: "retry";
      readonly after_ms?: number | undefined;
      readonly uncertain?: true | undefined;
      readonly detail: string;
      readonly address?: Address | undefined;
    }
  | { readonly kind: "failed"; readonly detail: string };

/** How answers reach a platform. Runs in the session object. */
export interface Delivery {
  /** Cuts an answer into messages the platform takes; never an empty list for non-empty text. */
  split(text: string): string[];
  /** Sends one chunk; `key` is its idempotency key (at most 25 characters, the same on every try). */
  send(chunk: Chunk, address: Address, key: string, env: Env): Promise<SendResult>;
  /** What a model's answer becomes before it is split; null sends nothing (Hub's `NO_REPLY`). */
  prepare?(answer: string): string | null;
  /**
   * Fetches an attachment, at most `max_bytes` of it. The gateway does, because a platform's file link may hold
   * its token. Never throws.
   */
  fetchAttachment?(
    attachment: Attachment,
    max_bytes: number,
    env: Env,
    signal: AbortSignal,
  ): Promise<Fetched>;
  /** Shows that an answer is being made, and how often (milliseconds) to repeat it. Never throws. */
  readonly working?: { readonly every_ms: number; show(address: Address, env: Env): Promise<void> };
  /** True where the user sees a pending answer until one comes (Discord's "thinking…"). Default false. */
  readonly owes_answer?: boolean;
  /** False where an error text would reach another agent instead of a person. Default true. */
  readonly tells_errors?: boolean;
  /** False where the sender may not run chat commands unless access grants them by name. Default true. */
  readonly takes_commands?: boolean;
}

/** A chat platform: one folder, registered in `platforms/index.ts`. */
export interface Platform {
  readonly name: PlatformName;
  /** Without all of these the platform is off. */
  readonly secrets: readonly string[];
  readonly webhook?: Webhook;
  readonly delivery: Delivery;
  /** Runs on every cron trigger while the platform is on. */
  sweep?(env: Env): Promise<void>;
}
