import { simulatedFetch } from "./fetch.ts";
import type { Task } from "./loop.ts";
import type { Machine } from "./machine.ts";
import { currentScope, scopes } from "./scope.ts";
import { subtle } from "./subtle.ts";

/** The run that is going on; its clock is everybody's. */
let machine: Machine | null = null;
/** Timers that have not fired, by the number that the code knows. */
const timers = new Map<number, { readonly task: Task; readonly release: () => void }>();
let nextTimer = 1;

function running(): Machine {
  if (machine === null) throw new Error("no simulation is running");
  return machine;
}

/** Timers of one moment fire in the order in which they were set, as every event loop promises. */
const TIMER_TIE = 0.5;

function setTimer(
  run: (...values: unknown[]) => void,
  ms: number,
  values: unknown[],
  again: boolean,
): number {
  const scope = currentScope("a timer");
  const id = nextTimer++;
  const arm = () => {
    const release = scope.owner.hold();
    const task = running().loop.after(
      Math.max(again ? 1 : 0, ms || 0),
      () => {
        timers.delete(id);
        release();
        if (again) arm();
        scope.owner.enter(scope, () => run(...values));
      },
      TIMER_TIE,
    );
    timers.set(id, { task, release });
  };
  arm();
  return id;
}

function clearTimer(id: unknown): void {
  const timer = typeof id === "number" ? timers.get(id) : undefined;
  if (timer === undefined) return;
  timers.delete(Number(id));
  timer.release();
  running().loop.cancel(timer.task);
}

const RealDate = globalThis.Date;

class SimulatedDate extends RealDate {
  constructor(...values: []) {
    // `new Date()` with nothing is the only form that looks at the clock.
    if (values.length === 0) super(SimulatedDate.now());
    else super(...values);
  }

  static override now(): number {
    return Math.floor(machine === null ? RealDate.now() : machine.loop.now);
  }
}

const chance = (): number => running().chance.stream("Math.random").next();

function fill(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(chance() * 256);
  return bytes;
}

function randomUuid(): string {
  const hex = Array.from(fill(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const write = globalThis.console;

/** A log line of the gateway, with what wrote it. Outside of an invocation the console is the real one. */
function logged(level: "debug" | "log" | "info" | "warn" | "error") {
  const real = write[level].bind(write);
  return (...values: unknown[]) => {
    const owner = scopes.getStore()?.owner;
    if (owner === undefined || machine === null) real(...values);
    else if (owner.alive) machine.note(owner.name, () => `${level} ${values.map(String).join(" ")}`);
  };
}

/**
 * Replaces what real code reaches for: timers, the clock, chance, `fetch`, Web Crypto and the console. The
 * process belongs to the simulation from then on.
 */
export function replaceGlobals(): void {
  const replaced = {
    Date: SimulatedDate,
    setTimeout: (run: () => void, ms: number, ...values: unknown[]) => setTimer(run, ms, values, false),
    setInterval: (run: () => void, ms: number, ...values: unknown[]) => setTimer(run, ms, values, true),
    clearTimeout: clearTimer,
    clearInterval: clearTimer,
    fetch: (input: string | URL, init: RequestInit = {}) => simulatedFetch(running(), String(input), init),
    console: Object.assign(Object.create(write), {
      debug: logged("debug"),
      log: logged("log"),
      info: logged("info"),
      warn: logged("warn"),
      error: logged("error"),
    }),
    crypto: { subtle, randomUUID: randomUuid, getRandomValues: fill },
  };
  for (const [name, value] of Object.entries(replaced)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  Math.random = chance;
  AbortSignal.timeout = () => {
    throw new Error("AbortSignal.timeout has a clock of its own: it is not simulated");
  };
}

/** Begins a run, or (null) ends it: its timers are forgotten. */
export function runOn(next: Machine | null): void {
  machine = next;
  timers.clear();
  nextTimer = 1;
}
