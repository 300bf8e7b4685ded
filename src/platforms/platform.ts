import type { Env, Variables } from "../env.ts";
import type { Attachment } from "../message/files.ts";
import type { Address, InboundMessage } from "../message/message.ts";
import type { PlatformName } from "../message/platforms.ts";
import type { CompiledRoutes } from "../routing/types.ts";
import type { SentKeyboard } from "./press.ts";

/** A fetched file, or why there is none. */
export type Fetched =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly reason: "too_large" | "gone" | "unreachable" };

/**
 * What a verified request turned out to be.
 * - `malformed`: not this platform's shape → 400;
 * - `ignored`: an event this gateway has no use for → 200;
 * - `reply`: answered on the spot, without a session (a PING, autocomplete) → 200 with `body`;
 * - `message`: handed to its session; 200 with `accepted`, or with `refused` if access says no;
 * - `moved`: a chat has a new id; what its sessions hold is found under the old one → 200;
 * - `later`: it cannot be judged yet; the platform delivers it again → 503;
 * - `background`: 200 at once, `work` runs after the answer (a Hub callback).
 */
export type WebhookEvent =
  | { readonly kind: "malformed"; readonly detail: string }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "moved"; readonly from: string; readonly to: string }
  | { readonly kind: "later"; readonly reason: string }
  | { readonly kind: "reply"; readonly body: unknown }
  | {
      readonly kind: "message";
      readonly message: InboundMessage;
      readonly accepted: unknown;
      readonly refused: unknown;
      /** It does not address the bot: it is kept for the room's next turn. */
      readonly overheard?: true | undefined;
      /** What is done beside, whether access lets it through or not. Never throws. */
      readonly meanwhile?: (env: Env) => Promise<void>;
    }
  | { readonly kind: "background"; readonly work: (env: Env) => Promise<void> };

/** Authentic (true), not (false), or to be decided over the raw body. */
export type Verdict = boolean | ((body: Uint8Array<ArrayBuffer>) => Promise<boolean>);

/** How a platform's webhook is proved and read. Runs in the stateless Worker. */
export interface Webhook {
  /** Before the body is read. Constant time; false when in doubt. `now` is in Unix milliseconds. */
  verify(request: Request, env: Variables, now: number): Promise<Verdict>;
  /** After authenticity is proved. `payload` is any JSON value. */
  parse(payload: unknown, env: Variables, routes: CompiledRoutes, now: number): Promise<WebhookEvent>;
  /** Answers a GET of the same path, once it is proved; without this it is refused. */
  read?(request: Request, env: Env): Promise<Response>;
}

/** One platform message of an answer. */
export interface Chunk {
  /** Place in the answer, from 0. */
  readonly index: number;
  readonly count: number;
  /** When it was tried first (Unix milliseconds); absent at the first try. */
  readonly first_tried_at?: number | undefined;
  /** What `split` made of the answer, in a form of the platform's own. */
  readonly text: string;
  /** Buttons below it, where the platform has any. */
  readonly keyboard?: SentKeyboard | undefined;
  /** An earlier try may have shown it: its end was not seen, or its object ended meanwhile. */
  readonly uncertain?: true | undefined;
  /** The message that the answer grew in, which becomes this chunk; only for the first one. */
  readonly message_id?: string | undefined;
}

/**
 * What became of a chunk.
 * - `sent`: `message_id` as the platform gave it; `address` replaces the stored one (a migrated group);
 * - `retry`: not shown yet; try again, not before `after_ms` if given. `uncertain`: it may have been shown
 *   after all, and the platform has no idempotency key, so that it is tried only once more;
 * - `not_sent`: the runtime would not send the request, because this invocation has used up its share of them;
 *   tried again in the next one;
 * - `failed`: will never succeed, or its outcome is unknown and the platform has no idempotency key; `instead`, if
 *   given, is Markdown that says the same, to be split plainly.
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
  | { readonly kind: "not_sent"; readonly detail: string }
  | { readonly kind: "failed"; readonly detail: string; readonly instead?: string | undefined };

/** What became of one state of an answer that is shown while it is written. `detail` is for the log. */
export type LiveResult =
  | { readonly kind: "shown"; readonly message_id: string | null; readonly after_ms?: number | undefined }
  | { readonly kind: "wait"; readonly after_ms?: number | undefined; readonly detail: string }
  | { readonly kind: "failed"; readonly detail: string };

/** How a platform shows an answer while it is written. */
export interface LiveDelivery {
  /** The least pause between two states, in milliseconds. */
  pause_ms(address: Address): number;
  /**
   * Makes the message in which the answer grows before there is any text, where an address would not wait for that:
   * its id, or null where it waits. Called once, as soon as the turn begins. Never throws.
   */
  open?(address: Address, env: Variables): Promise<string | null>;
  /**
   * Shows the text so far: in a new message (`message_id` null), or in that one. Whatever becomes of it, `send`
   * says the whole answer in the same message in the end. Never throws.
   */
  show(text: string, address: Address, message_id: string | null, env: Variables): Promise<LiveResult>;
}

/** How answers reach a platform. Runs in the session object. */
export interface Delivery {
  /**
   * Cuts an answer into messages the platform takes; never an empty list for non-empty text. `plain`: none of them
   * is a file, or of another kind that may be refused.
   */
  split(text: string, plain?: boolean): string[];
  /** Sends one chunk; `key` is its idempotency key (at most 25 characters, the same on every try). */
  send(chunk: Chunk, address: Address, key: string, env: Variables): Promise<SendResult>;
  /** What a model's answer becomes before it is split; null sends nothing (Hub's `NO_REPLY`). */
  prepare?(answer: string): string | null;
  /**
   * Fetches an attachment, at most `max_bytes` of it. The gateway does, because a platform's file link may hold
   * its token. Never throws.
   */
  fetchAttachment?(
    attachment: Attachment,
    max_bytes: number,
    env: Variables,
    signal: AbortSignal,
  ): Promise<Fetched>;
  /** Shows that an answer is being made, and how often (milliseconds) to repeat it. Never throws. */
  readonly working?: { readonly every_ms: number; show(address: Address, env: Variables): Promise<void> };
  /** Shows its sender, once, that the message `ref` waits behind so many others (from 1 on). Never throws. */
  waits?(ref: string, behind: number, address: Address, env: Variables): Promise<void>;
  /** Shows answers while they are written, where the platform can. */
  readonly live?: LiveDelivery;
  /** Whether an answer can still reach this address; where it cannot, none is made. Default: yes. */
  reachable?(address: Address, env: Variables, now: number): boolean;
  /** Starts a thread in an address's chat: the line that tells where, or why there is none. Never throws. */
  openThread?(name: string, address: Address, env: Variables): Promise<string>;
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
