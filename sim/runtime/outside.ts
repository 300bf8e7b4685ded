/** A request as it arrives at a server of the outside. */
export interface OutsideRequest {
  readonly method: string;
  readonly url: URL;
  /** By name in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** Which object or request of the gateway sent it. */
  readonly from: string;
  /** False as soon as the gateway no longer waits for the answer: it gave up, or has ended. */
  readonly awaited: () => boolean;
}

/** A piece of a streamed body, so many milliseconds after the one before. */
export interface Piece {
  readonly after_ms: number;
  readonly text: string;
}

/**
 * What becomes of a request.
 * - `answer`: a response with its whole body;
 * - `stream`: a response whose body comes in pieces, and then ends, breaks off, or never does either;
 *   `delivered` is called when the end has arrived at the gateway;
 * - `lost`: the connection is refused or breaks off;
 * - `silence`: never anything.
 */
export type Reply =
  | {
      readonly kind: "answer";
      readonly after_ms: number;
      readonly status: number;
      readonly headers?: { readonly [name: string]: string };
      readonly body: string;
      /** Called when the gateway receives it. */
      readonly heard?: () => void;
    }
  | {
      readonly kind: "stream";
      readonly after_ms: number;
      readonly headers: { readonly [name: string]: string };
      readonly pieces: readonly Piece[];
      readonly end: "whole" | "cut" | "silence";
      readonly delivered: () => void;
    }
  | { readonly kind: "lost"; readonly after_ms: number }
  | { readonly kind: "silence" };

/** Every server that the gateway can reach. Called when a request arrives; what it changes is changed then. */
export interface Outside {
  serve(request: OutsideRequest): Reply;
}
