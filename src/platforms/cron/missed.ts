/**
 * Which of the times that have passed is run, all in Unix milliseconds: the newest one that was due within
 * `grace_ms`, and none of the others. Pure.
 * @param first the first time that has not been run
 * @param next the first due time after another
 */
export function missed(
  first: number,
  next: (after: number) => number | null,
  now: number,
  grace_ms: number,
): { readonly due: number | null; readonly skipped: boolean } {
  const oldest = now - grace_ms;
  let due: number | null = first < oldest ? next(oldest - 1) : first;
  if (due === null || due > now) return { due: null, skipped: true };
  let skipped = due !== first;
  for (let later = next(due); later !== null && later <= now; later = next(due)) {
    due = later;
    skipped = true;
  }
  return { due, skipped };
}
