import { afterEach, beforeEach, vi } from "vitest";
import type { InboundMessage } from "../../../src/message/message.ts";
import { hubClient } from "../../../src/platforms/hub/api.ts";
import { type LookReport, type LookTools, look } from "../../../src/platforms/hub/look.ts";
import { Standings } from "../../../src/platforms/hub/standings.ts";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { envWith, routesWith } from "./setup.ts";

/** The table of the inbox object, in memory; the real one is tested inside workerd. */
export class Memory {
  readonly ids = new Set<string>();
  firstLookDone = true;
  has = (id: string) => this.ids.has(id);
  add = (id: string) => {
    this.ids.add(id);
  };
  keepOnly = (listed: ReadonlySet<string>) => {
    for (const id of this.ids) if (!listed.has(id)) this.ids.delete(id);
  };
  isFirstLook = () => !this.firstLookDone;
  endFirstLook = (backlog: readonly string[]) => {
    for (const id of backlog) this.ids.add(id);
    this.firstLookDone = true;
  };
}

/** A Hub with two old agents and this gateway, and what became of the messages to it. New for each test. */
export class Stage {
  readonly seen = new Memory();
  readonly handed: InboundMessage[] = [];
  readonly logged: string[] = [];
  readonly hub: HubDouble;
  readonly tools: LookTools;

  constructor(hub: HubDouble) {
    this.hub = hub;
    this.tools = {
      hub: hubClient(envWith(hub.env("talaria")), { get_retry_waits_ms: [] }),
      seen: this.seen,
      standings: new Standings(),
      routes: routesWith(),
      handOver: async (message) => this.handed.push(message),
    };
  }

  async look(changes: Partial<LookTools> = {}): Promise<LookReport> {
    const result = await look({ ...this.tools, ...changes });
    if (!result.ok) throw new Error(`the inbox was not read: ${result.error.reason}`);
    return result.value;
  }

  say = (from: string, message: string) => this.hub.send({ from, to: "talaria", message });
  texts = () => this.handed.map(({ text }) => text);
  unread = () => this.hub.inbox("talaria").filter(({ read }) => !read);
}

/** Sets a stage up before each test; the returned function gives the current one. */
export function useStage(): () => Stage {
  let stage: Stage;
  beforeEach(async () => {
    const hub = await startHub();
    await hub.register("talaria");
    const registered_at = Date.now() - 30 * 24 * 60 * 60_000;
    await hub.register("argus", { registered_at });
    await hub.register("brisk", { registered_at });
    stage = new Stage(hub);
    for (const level of ["info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => stage.logged.push(String(line)));
    }
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await stage.hub.stop();
  });
  return () => stage;
}
