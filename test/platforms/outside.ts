import { vi } from "vitest";

const PIECE_BYTES = 64 * 1024;

/** What `fetch` gives from here on: an answer of 400 MB without a length. Says how many bytes of it were taken. */
export function answerEndlessly(status: number): { readonly taken: number; [Symbol.dispose](): void } {
  let pulls = 0;
  const piece = new Uint8Array(PIECE_BYTES).fill(0x20);
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ < 400 * 16) controller.enqueue(piece);
        else controller.close();
      },
    });
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  });
  return {
    get taken() {
      return pulls * PIECE_BYTES;
    },
    [Symbol.dispose]: () => spy.mockRestore(),
  };
}

/** What `fetch` does from here on: what workerd does once an invocation has used up its requests. */
export function refuseToSend(): { readonly tries: number; [Symbol.dispose](): void } {
  const spy = vi
    .spyOn(globalThis, "fetch")
    .mockRejectedValue(new Error("Too many subrequests by single Worker invocation."));
  return {
    get tries() {
      return spy.mock.calls.length;
    },
    [Symbol.dispose]: () => spy.mockRestore(),
  };
}
