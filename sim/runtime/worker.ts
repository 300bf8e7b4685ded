import { latency, type Machine } from "./machine.ts";
import { Gone, type Owner, type Scope, scopes } from "./scope.ts";

/** How long work goes on in the stateless Worker after its answer. */
const AFTER_ANSWER_MS = 30_000;

/** The Worker's default export, as far as it is simulated. */
export interface WorkerModule {
  fetch(request: Request, env: unknown, context: unknown): Response | Promise<Response>;
  scheduled(controller: unknown, env: unknown, context: unknown): void | Promise<void>;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly body: string;
}

/** One request, or one cron trigger, of the stateless Worker. It writes nothing, so that nothing holds it back. */
class Invocation implements Owner {
  readonly name: string;
  readonly location: string;
  readonly scope: Scope = { owner: this, subrequests: 0 };
  alive = true;
  readonly #machine: Machine;

  constructor(name: string, machine: Machine) {
    this.name = name;
    this.#machine = machine;
    this.location = machine.chance.stream("worker location").pick(["ams", "fra", "iad"]);
  }

  touch(port: string): void {
    if (!this.alive) throw new Gone(this.name);
    if (!this.#machine.chance.hits("worker_crash", port)) return;
    this.end();
    throw new Gone(this.name);
  }

  afterWrites(run: () => void): void {
    run();
  }

  enter(scope: Scope, run: () => void): void {
    if (this.alive) scopes.run(scope, run);
  }

  hold(): () => void {
    return () => {};
  }

  end(): void {
    this.alive = false;
  }
}

/** Runs the stateless Worker. */
export class SimulatedWorker {
  readonly #module: WorkerModule;
  readonly #env: unknown;
  readonly #machine: Machine;
  #count = 0;

  constructor(module: WorkerModule, env: unknown, machine: Machine) {
    this.#module = module;
    this.#env = env;
    this.#machine = machine;
  }

  /** Sends a request to the gateway; `answered` gets what comes back, or null when the connection is lost. */
  fetch(request: () => Request, answered: (answer: WebhookAnswer | null) => void): void {
    const { loop, chance } = this.#machine;
    const invocation = new Invocation(`worker ${++this.#count}`, this.#machine);
    const back = (answer: WebhookAnswer | null) => {
      const lost = answer === null || chance.hits("webhook_answer_lost", "worker");
      loop.quietly(latency(this.#machine, "from worker", 1, 60), () => answered(lost ? null : answer));
    };
    invocation.enter(invocation.scope, () => {
      const answer = (async () => {
        const response = await this.#module.fetch(request(), this.#env, contextOf());
        return { status: response.status, body: await response.text() };
      })();
      answer.then(back, (error: unknown) => {
        if (!(error instanceof Gone)) this.#machine.complain(`the Worker threw: ${error}`);
        back(null);
      });
      answer.then(() => loop.quietly(AFTER_ANSWER_MS, () => invocation.end())).catch(() => {});
    });
  }

  /** A cron trigger. */
  trigger(): void {
    const invocation = new Invocation("cron", this.#machine);
    invocation.enter(invocation.scope, () => {
      const run = async () =>
        this.#module.scheduled(
          { cron: "* * * * *", scheduledTime: Date.now() - (Date.now() % 60_000) },
          this.#env,
          contextOf(),
        );
      run().catch((error: unknown) => {
        if (!(error instanceof Gone)) this.#machine.complain(`the cron trigger threw: ${error}`);
      });
    });
  }
}

function contextOf() {
  return {
    waitUntil: (work: Promise<unknown>) => void work.catch(() => {}),
    passThroughOnException: () => {},
  };
}
