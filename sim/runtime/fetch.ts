import { latency, type Machine } from "./machine.ts";
import type { OutsideRequest, Reply } from "./outside.ts";
import { currentScope, never, type Scope } from "./scope.ts";

const encoder = new TextEncoder();

/** A request of the gateway that is under way. */
interface Exchange {
  readonly scope: Scope;
  readonly release: () => void;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
  /** Set once the response, or an error, has been given to the gateway. */
  settled: boolean;
  /** The gateway gave it up. */
  aborted: boolean;
  /** Ends a body that is still coming in. */
  breakOff: ((error: unknown) => void) | null;
}

/** `fetch` of the simulated runtime: what is sent leaves through the output gate of whoever sends it. */
export function simulatedFetch(machine: Machine, url: string, init: RequestInit): Promise<Response> {
  const scope = currentScope("fetch");
  const { owner } = scope;
  if (!owner.alive) return never();
  owner.touch("fetch");
  if (++scope.subrequests > machine.subrequests) {
    return Promise.reject(new Error("Too many subrequests by single Worker invocation."));
  }
  const { signal } = init;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const exchange: Exchange = {
      scope,
      release: owner.hold(),
      resolve,
      reject,
      settled: false,
      aborted: false,
      breakOff: null,
    };
    const request: OutsideRequest = {
      method: init.method ?? "GET",
      url: new URL(url),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === "string" ? init.body : "",
      from: owner.name,
      awaited: () => owner.alive && !exchange.aborted,
    };
    signal?.addEventListener("abort", () => giveUp(exchange, signal.reason), { once: true });
    owner.afterWrites(() => {
      if (exchange.aborted) return;
      machine.loop.quietly(latency(machine, `requests of ${owner.name}`, 1, 60), () =>
        answer(machine, exchange, machine.outside.serve(request)),
      );
    });
  });
}

function giveUp(exchange: Exchange, reason: unknown): void {
  exchange.aborted = true;
  exchange.release();
  if (exchange.settled) exchange.breakOff?.(reason);
  else exchange.reject(reason);
}

function answer({ loop }: Machine, exchange: Exchange, reply: Reply): void {
  const { scope } = exchange;
  if (reply.kind === "silence") return;
  loop.after(reply.after_ms, () =>
    scope.owner.enter(scope, () => {
      if (exchange.aborted) return;
      exchange.settled = true;
      if (reply.kind === "stream") return exchange.resolve(streamed(loop, exchange, reply));
      exchange.release();
      if (reply.kind === "lost") return exchange.reject(new Error("Network connection lost."));
      reply.heard?.();
      exchange.resolve(new Response(bodyOf(reply), { status: reply.status, headers: { ...reply.headers } }));
    }),
  );
}

const bodyOf = ({ status, body }: Extract<Reply, { kind: "answer" }>): string | null =>
  status === 204 || status === 304 ? null : body;

/** A response whose pieces arrive one by one, each as a task of its own. */
function streamed(
  loop: Machine["loop"],
  exchange: Exchange,
  reply: Extract<Reply, { kind: "stream" }>,
): Response {
  const { owner } = exchange.scope;
  let open = true;
  const close = () => {
    open = false;
    exchange.release();
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      exchange.breakOff = (error) => {
        if (!open) return;
        close();
        controller.error(error);
      };
      const arrive = (index: number) => {
        const piece = reply.pieces[index];
        if (piece === undefined && reply.end === "silence") return;
        loop.after(piece?.after_ms ?? 1, () =>
          owner.enter(exchange.scope, () => {
            if (!open) return;
            if (piece !== undefined) {
              controller.enqueue(encoder.encode(piece.text));
              return arrive(index + 1);
            }
            close();
            if (reply.end === "cut") return controller.error(new Error("Network connection lost."));
            controller.close();
            reply.delivered();
          }),
        );
      };
      arrive(0);
    },
    cancel: close,
  });
  return new Response(body, { status: 200, headers: { ...reply.headers } });
}
