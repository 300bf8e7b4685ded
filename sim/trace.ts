/** What happened in a run, line by line. Kept only for a run that is to be read. */
export class Trace {
  readonly #start: number;
  readonly #run: string;
  readonly #lines: string[] = [];

  /** @param run what the run's own hosts and bot are called by: left out, so that equal runs read alike */
  constructor(start: number, run: string) {
    this.#start = start;
    this.#run = run;
  }

  add(now: number, who: string, what: string): void {
    this.#lines.push(`${elapsed(now - this.#start)}  ${who}  ${what}`.replaceAll(this.#run, "RUN"));
  }

  get text(): string {
    return this.#lines.join("\n");
  }
}

/** `3d 04:05:06.789` */
export function elapsed(ms: number): string {
  const whole = Math.floor(ms);
  const day = Math.floor(whole / 86_400_000);
  const clock = new Date(whole % 86_400_000).toISOString().slice(11, 23);
  return day > 0 ? `${day}d ${clock}` : clock;
}
