import type { Clock } from "../lib/time.ts";
import type { Job } from "./job.ts";

/** What a lane asks of its session. */
export interface LaneHost {
  readonly clock: Clock;
  /** Lets work run on; if it fails, the session ends and the next one starts from what is stored. */
  spawn(work: Promise<void>): void;
  /** Has the lane started again at this time, in Unix milliseconds. */
  wakeAt(time: number): void;
}

const sequenceOf = ({ exchange }: Job): number => exchange.message.sequence ?? Number.POSITIVE_INFINITY;
const wasBegun = ({ exchange }: Job): boolean => exchange.state === "answered" || exchange.tries > 0;

/** What an object left, in the order in which it is taken up: first what was begun, then the platform's order. */
export function leftInOrder(jobs: readonly Job[]): Job[] {
  const waiting = jobs.filter((job) => !wasBegun(job)).sort((a, b) => sequenceOf(a) - sequenceOf(b) || 0);
  return [...jobs.filter(wasBegun), ...waiting];
}

/**
 * Jobs that are worked off one at a time, in their platform's order. One that has to wait for long is left to
 * the alarm, and holds back those behind it.
 */
export class Lane {
  readonly #host: LaneHost;
  readonly #work: (job: Job) => Promise<number | null>;
  #jobs: Job[] = [];
  #running = false;

  /** @param work takes a job to its end (null), or to the time at which to go on with it */
  constructor(host: LaneHost, work: (job: Job) => Promise<number | null>) {
    this.#host = host;
    this.#work = work;
  }

  get length(): number {
    return this.#jobs.length;
  }

  /** The job in hand, or the next one; undefined if there is nothing to do. */
  get head(): Job | undefined {
    return this.#jobs[0];
  }

  /** When the job in hand goes on, in Unix milliseconds: 0 while it runs, null if there is nothing to do. */
  get due(): number | null {
    return this.#running ? 0 : this.head ? (this.head.exchange.wake_at ?? 0) : null;
  }

  /** Takes up what an object before this one left, in the order of `leftInOrder`. */
  load(jobs: readonly Job[]): void {
    this.#jobs.push(...jobs);
  }

  /** Adds a job at the end, but before those waiting that its platform counted after it; never before the head. */
  add(job: Job): void {
    let place = this.#jobs.length;
    while (place > 1 && sequenceOf(this.#jobs[place - 1] ?? job) > sequenceOf(job)) place--;
    this.#jobs.splice(place, 0, job);
    this.start();
  }

  /** The job in hand, and those behind it. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** Jobs behind the head. */
  get behind(): readonly Job[] {
    return this.#jobs.slice(1);
  }

  /** Takes out jobs that are over. */
  drop(jobs: readonly Job[]): void {
    this.#jobs = this.#jobs.filter((job) => !jobs.includes(job));
  }

  /** Jobs behind the head, not answered yet, that arrived before this exchange. */
  waitingBefore(seq: number): Job[] {
    return this.behind.filter(({ exchange }) => exchange.seq < seq && exchange.state === "waiting");
  }

  /** Goes on with the job in hand at once, whatever it waits for. */
  hurry(): void {
    if (this.head) this.head.exchange.wake_at = null;
    this.start();
  }

  /** Starts working, unless it does already. */
  start(): void {
    if (this.#running || this.#jobs.length === 0) return;
    this.#running = true;
    this.#host.spawn(this.#drain());
  }

  async #drain(): Promise<void> {
    for (let job = this.head; job; job = this.head) {
      const { wake_at } = job.exchange;
      const due = wake_at !== null && wake_at > this.#host.clock.now() ? wake_at : await this.#work(job);
      if (due !== null) {
        this.#running = false;
        this.#host.wakeAt(due);
        return;
      }
      this.drop([job]);
    }
    this.#running = false;
  }
}
