import type { ObjectCall } from "./life.ts";
import { latency, type Machine } from "./machine.ts";
import { currentScope, never } from "./scope.ts";

/** Whoever takes the calls of a Durable Object. */
export interface Callee {
  readonly name: string;
  deliver(call: ObjectCall): void;
}

/** A binding of Durable Objects: each method of a stub is a call over the network. */
export function namespaceOf(machine: Machine, open: (name: string) => Callee) {
  const stubOf = (name: string) =>
    new Proxy(
      {},
      {
        // A stub is no promise, whatever its proxy would say to `then`.
        get: (_, method) =>
          typeof method === "string" && method !== "then"
            ? (...args: unknown[]) => remoteCall(machine, open(name), method, args)
            : undefined,
      },
    );
  return { getByName: stubOf };
}

function remoteCall(machine: Machine, callee: Callee, method: string, given: unknown[]): Promise<unknown> {
  const scope = currentScope("a call of a Durable Object");
  const { owner } = scope;
  if (!owner.alive) return never();
  owner.touch("rpc");
  const args: unknown[] = structuredClone(given);
  const { loop, chance } = machine;
  return new Promise((resolve, reject) => {
    const release = owner.hold();
    const back = (act: () => void) => {
      loop.after(latency(machine, `from ${callee.name}`, 1, 40), () => {
        release();
        owner.enter(scope, act);
      });
    };
    const fail = (error: Error) => back(() => reject(error));
    const lost = () => fail(new Error("Network connection lost."));
    owner.afterWrites(() => {
      loop.after(latency(machine, `to ${callee.name}`, 1, 40), () => {
        if (chance.hits("call_lost", callee.name)) return lost();
        const answerLost = chance.hits("call_answer_lost", callee.name);
        callee.deliver({
          method,
          args,
          succeed: (value) => (answerLost ? lost() : back(() => resolve(value))),
          fail,
        });
      });
    });
  });
}
