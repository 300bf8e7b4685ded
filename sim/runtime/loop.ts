/** Taken before the simulation replaces the globals: the one way in which it gives way to the engine. */
const giveWay = globalThis.setImmediate;

/** Something that happens at a time. */
export interface Task {
  readonly at: number;
  /** Orders tasks of one moment; by chance, unless their order is promised. */
  readonly tie: number;
  readonly seq: number;
  /** It runs none of the gateway's code, so that no promises follow from it. */
  readonly quiet: boolean;
  run: (() => void) | null;
}

/** Why a run of the loop came to its end. */
export type Rest = "quiet" | "later" | "too_many";

/**
 * Virtual time. One task at a time, and all promises that follow from it, before the next: nothing else makes
 * anything happen, so that the order of tasks is the order of everything.
 */
export class Loop {
  /** Unix milliseconds; moves only from task to task. */
  now: number;
  /** Tasks run so far. */
  count = 0;
  readonly #heap: Task[] = [];
  readonly #tie: () => number;
  readonly #afterTask: () => void;
  #seq = 0;

  /** @param tie at least 0, below 1 @param afterTask runs when a task and its promises are over */
  constructor(start: number, tie: () => number, afterTask: () => void) {
    this.now = start;
    this.#tie = tie;
    this.#afterTask = afterTask;
  }

  /** Runs something at a time, but not before the present. */
  at(time: number, run: () => void, tie: number = this.#tie()): Task {
    return this.#add(time, run, tie, false);
  }

  /** Runs something after so many milliseconds. */
  after(ms: number, run: () => void, tie?: number): Task {
    return this.at(this.now + ms, run, tie);
  }

  /** The same for what runs none of the gateway's code: what only happens outside takes no time of the engine. */
  quietly(ms: number, run: () => void): Task {
    return this.#add(this.now + ms, run, this.#tie(), true);
  }

  #add(time: number, run: () => void, tie: number, quiet: boolean): Task {
    const task: Task = { at: Math.max(time, this.now), tie, seq: this.#seq++, quiet, run };
    this.#push(task);
    return task;
  }

  cancel(task: Task): void {
    task.run = null;
  }

  /**
   * Runs the tasks up to a time, at most so many. The clock stands at that time afterwards if it got there.
   * @throws what a task throws: a mistake of the simulation itself
   */
  run(until: number, most: number): Promise<Rest> {
    let left = most;
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          let quiet = true;
          while (quiet) {
            this.#afterTask();
            const task = this.#take(until);
            if (task === null) {
              if (this.#heap.length === 0) return resolve("quiet");
              this.now = Math.max(this.now, until);
              return resolve("later");
            }
            if (left-- <= 0) {
              this.#push(task);
              return resolve("too_many");
            }
            this.now = task.at;
            this.count++;
            quiet = task.quiet;
            task.run?.();
          }
        } catch (error) {
          return reject(error);
        }
        giveWay(step);
      };
      giveWay(step);
    });
  }

  /** The next task that is still to be run, if it is due by then. */
  #take(until: number): Task | null {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || (first.run !== null && first.at > until)) return null;
      this.#pop();
      if (first.run !== null) return first;
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let place = heap.push(task) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(task, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const a = heap[left];
      if (a === undefined) break;
      const b = heap[right];
      const [child, least] = b !== undefined && before(b, a) ? [right, b] : [left, a];
      if (!before(least, last)) break;
      heap[place] = least;
      place = child;
    }
    heap[place] = last;
  }
}

const before = (a: Task, b: Task): boolean =>
  a.at !== b.at ? a.at < b.at : a.tie !== b.tie ? a.tie < b.tie : a.seq < b.seq;
