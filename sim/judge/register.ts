/** A read or a write of a session's choice of model, between two times. */
export interface Operation {
  readonly start: number;
  /** Infinity for a write of which nobody knows when it took effect, or whether. */
  readonly end: number;
  /** What it wrote, or what it may have read: one model can stand for several choices. */
  readonly values: readonly (string | null)[];
  readonly what: string;
}

/**
 * No read shows what was overwritten before it began, or what is written only after it: the session's choice is
 * one register, whatever KV shows in between.
 */
export function judgeRegister(
  initial: Operation["values"],
  reads: readonly Operation[],
  writes: readonly Operation[],
): string[] {
  const all = [{ start: -2, end: -1, values: initial, what: "nobody" }, ...writes];
  return reads.flatMap((read) => {
    const source = all.find(
      (write) =>
        write.start <= read.end &&
        write.values.some((value) => read.values.includes(value)) &&
        !all.some((later) => later.start > write.end && later.end < read.start),
    );
    if (source !== undefined) return [];
    const seen = read.values.map((value) => value ?? "the route").join(" or ");
    const last = all
      .filter(({ end }) => end < read.start)
      .sort((a, b) => a.end - b.end)
      .at(-1);
    return [`${read.what} was sent by ${seen}, after ${last?.what} had set another model`];
  });
}
