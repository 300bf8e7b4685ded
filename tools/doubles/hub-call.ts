import type { IncomingHttpHeaders } from "node:http";
import type { CallbackResult, HubStore } from "./hub-store.ts";

export interface HubRequest {
  readonly method: string;
  /** Below Hub's base path, as sent: still percent-encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HubAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type CallBack = (url: string, body: unknown, timeout_ms: number) => Promise<CallbackResult>;

export interface HubCallContext {
  readonly request: HubRequest;
  readonly store: HubStore;
  readonly callBack: CallBack;
  /** The agent and the message that the path names. */
  readonly id: string;
  readonly messageId: string;
}

export function yes(body: Record<string, unknown>): HubAnswer {
  return { status: 200, body };
}

export function no(status: number, error: string): HubAnswer {
  return { status, body: { ok: false, error } };
}
