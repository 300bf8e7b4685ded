import { afterEach, beforeEach, vi } from "vitest";
import type { Accepted } from "../../../src/env.ts";
import type { InboundMessage } from "../../../src/message/message.ts";
import { type HubClient, hubClient } from "../../../src/platforms/hub/api.ts";
import { HubReader, type ReaderPorts } from "../../../src/platforms/hub/reader.ts";
import { type HubDouble, startHub } from "../../../tools/doubles/hub.ts";
import { naiveTime } from "../../../tools/doubles/hub-store.ts";
import { memorySql } from "../../support/sql.ts";
import { envWith, routesWith } from "./setup.ts";

export const MONTH_MS = 30 * 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

/**
 * A Hub with two old agents and this gateway, whose reader runs on a clock that the test turns. New for each test.
 */
export class Stage {
  readonly hub: HubDouble;
  readonly client: HubClient;
  readonly sql = memorySql();
  readonly handed: InboundMessage[] = [];
  /** Every text that was handed to a session, also when it did not take it. */
  readonly offered: string[] = [];
  readonly logged: string[] = [];
  /** What sessions do with a message. */
  accept: (message: InboundMessage) => Promise<Accepted> = async () => "accepted";
  /** When the alarm rings; null while it is not set. */
  alarm_at: number | null = null;
  #ports: ReaderPorts;
  #reader: HubReader;
  #running: Promise<unknown>[] = [];

  constructor(hub: HubDouble, changes: { readonly [name: string]: string } = {}) {
    this.hub = hub;
    this.client = hubClient(envWith({ ...hub.env("talaria"), ...changes }));
    this.#ports = {
      sql: this.sql,
      alarm: {
        set: (at) => {
          this.alarm_at = at;
        },
        clear: () => {
          this.alarm_at = null;
        },
      },
      lifetime: { keepAlive: (work) => this.#running.push(work), end: () => {} },
      clock: { now: () => Date.now(), random: () => 0.5, sleep: async () => {} },
      hub: this.client,
      routes: routesWith(),
      handOver: async (message) => {
        this.offered.push(message.text);
        const known = this.handed.some(({ delivery_id }) => delivery_id === message.delivery_id);
        const outcome = known ? "duplicate" : await this.accept(message);
        if (outcome === "accepted") this.handed.push(message);
        return outcome;
      },
    };
    this.#reader = new HubReader(this.#ports);
  }

  /** Lets time pass: the reader's, and the Hub's. */
  pass(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  /** Another gateway of this Hub, with these variables. */
  with = (changes: { readonly [name: string]: string }) => new Stage(this.hub, changes);

  /** The object ended, and a new one starts from what is stored. */
  restart(changes: Partial<ReaderPorts> = {}): void {
    this.#ports = { ...this.#ports, ...changes };
    this.#reader = new HubReader(this.#ports);
  }

  sweep = () => this.#reader.sweep();

  async hint(): Promise<void> {
    this.#reader.hint();
    await Promise.all(this.#running.splice(0));
  }

  /** Lets time pass until the alarm rings; false if it is not set. */
  async ring(): Promise<boolean> {
    if (this.alarm_at === null) return false;
    this.pass(Math.max(0, this.alarm_at - Date.now()));
    this.alarm_at = null;
    await this.#reader.alarm();
    return true;
  }

  /** Looks, and lets time pass with a sweep every minute as the cron trigger makes them, until it is so; returns how long that took. */
  async until(done: () => boolean, most_ms = 10 * MINUTE_MS): Promise<number> {
    const started = Date.now();
    let sweep_at = started + MINUTE_MS;
    if (!done()) await this.sweep();
    while (!done()) {
      if (Date.now() - started > most_ms) throw new Error(`not within ${most_ms} ms`);
      if (this.alarm_at !== null && this.alarm_at <= sweep_at) {
        await this.ring();
      } else {
        this.pass(Math.max(0, sweep_at - Date.now()));
        sweep_at += MINUTE_MS;
        await this.sweep();
      }
    }
    return Date.now() - started;
  }

  say = (from: string, message: string) => this.hub.send({ from, to: "talaria", message });
  /** Puts an entry into the inbox that came that long ago. */
  put = (from: string, message: unknown, age_ms = 0) =>
    this.hub.put("talaria", { from, message, timestamp: naiveTime(Date.now() - age_ms) });
  texts = () => this.handed.map(({ text }) => text);
  unread = () => this.hub.inbox("talaria").filter(({ read }) => !read);

  /** What the gateway asked of Hub since a number of requests: `METHOD /path`, with its query. */
  asked(since = 0): string[] {
    return this.hub.requests
      .slice(since)
      .map(({ method, path, query }) => `${method} ${path}${search(query)}`)
      .filter((line) => !/^POST \/(?:agents\/talaria\/message|agents\/register|announce)$/.test(line));
  }
}

const search = (query: { readonly [name: string]: string }): string =>
  Object.keys(query).length === 0 ? "" : `?${new URLSearchParams(query)}`;

/** Sets a stage up before each test; the returned function gives the current one. */
export function useStage(): () => Stage {
  let stage: Stage;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const hub = await startHub();
    await hub.register("talaria");
    for (const peer of ["argus", "brisk"]) {
      await hub.register(peer, { registered_at: Date.now() - MONTH_MS });
    }
    stage = new Stage(hub);
    for (const level of ["info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => stage.logged.push(String(line)));
    }
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    await stage.hub.stop();
  });
  return () => stage;
}
