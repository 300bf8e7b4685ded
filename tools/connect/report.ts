import type { Note, Step } from "./plan.ts";

/** Prints what was found and what was changed, one line each: level, whose, what, what to do. */
export class Report {
  readonly #say: (line: string) => void;
  readonly #dryRun: boolean;
  #changes = 0;
  #errors = 0;
  #todos = 0;

  constructor(say: (line: string) => void, dryRun: boolean) {
    this.#say = say;
    this.#dryRun = dryRun;
  }

  note({ about, level, text, todo }: Note): void {
    if (level === "error") this.#errors++;
    if (level === "to do") this.#todos++;
    this.#line(level, about, todo === undefined ? text : `${text} → ${todo}`);
  }

  changed(about: string, text: string): void {
    this.#changes++;
    this.#line(this.#dryRun ? "would change" : "changed", about, text);
  }

  step({ about, text }: Step): void {
    this.changed(about, text);
  }

  get failed(): boolean {
    return this.#errors > 0;
  }

  /** The last line: that nothing was changed, or how much. */
  end(): void {
    const nothing = this.#dryRun ? "Nothing would be changed" : "Nothing was changed";
    const made = this.#dryRun ? "would be made" : "made";
    const changes = this.#changes === 0 ? nothing : `${count(this.#changes, "change")} ${made}`;
    const rest = [
      ...(this.#todos > 0 ? [`${this.#todos} to do`] : []),
      ...(this.#errors > 0 ? [count(this.#errors, "error")] : []),
    ];
    this.#say(`${[changes, ...rest].join("; ")}.`);
  }

  #line(level: string, about: string, text: string): void {
    this.#say(`${level.padEnd(this.#dryRun ? 12 : 7)}  ${about}: ${text}`);
  }
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
