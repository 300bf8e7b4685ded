import { AsyncLocalStorage } from "node:async_hooks";

/** What code runs for: a living Durable Object, or one request of the stateless Worker. */
export interface Owner {
  /** For the trace and for streams of chance. */
  readonly name: string;
  readonly alive: boolean;
  /** Where in the world it runs: KV shows the same thing at different times in different places. */
  readonly location: string;
  /** Before each use of what Cloudflare gives it. @throws Gone if it has ended, or ends here */
  touch(port: string): void;
  /** Calls back as soon as everything written so far is durable; never if it ends before. */
  afterWrites(run: () => void): void;
  /** Runs a macrotask of its own, unless it has ended. */
  enter(scope: Scope, run: () => void): void;
  /** Something is under way that keeps it alive, until the returned function is called. */
  hold(): () => void;
}

/** One invocation: where code runs, and how many requests it has sent. */
export interface Scope {
  readonly owner: Owner;
  subrequests: number;
}

export const scopes = new AsyncLocalStorage<Scope>();

/** Code went on after its object had ended: nothing it does has an effect. */
export class Gone extends Error {
  constructor(name: string) {
    super(`${name} has ended`);
    this.name = "Gone";
  }
}

/** For calls that answer with a promise: one of an ended object is never answered. */
export const never = <Value>(): Promise<Value> => new Promise(() => {});

/** The invocation that is running. @throws Error outside of one, where the Workers runtime allows no I/O */
export function currentScope(what: string): Scope {
  const scope = scopes.getStore();
  if (scope === undefined) throw new Error(`${what} outside of an invocation`);
  return scope;
}
