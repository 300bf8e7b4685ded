import { hashOf } from "./match.ts";
import type { Share } from "./types.ts";

/**
 * The side that a session is on, by a hash of its key: the same every time while the split stays as it is. Null
 * if every weight is 0.
 */
export function shareOf(split: readonly Share[], session: string): string | null {
  const total = split.reduce((sum, { weight }) => sum + weight, 0);
  let point = total === 0 ? 0 : hashOf([session]) % total;
  for (const { name, weight } of split) {
    if (point < weight) return name;
    point -= weight;
  }
  return null;
}
