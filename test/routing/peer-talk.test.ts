import { describe, expect, test } from "vitest";
import { hushOf, isRepeated, NO_TALK, type PeerTalk, withAnswer } from "../../src/routing/peer-talk.ts";

const START = 1_795_000_000_000;

/** Answers a message every so often until one is not; how many were, and why no more. */
function loop(pause_ms: number, most = 1_000): readonly [number, string | null] {
  let talk: PeerTalk = NO_TALK;
  for (let turns = 0; turns < most; turns++) {
    const now = START + turns * pause_ms;
    const hush = hushOf(talk, `message ${turns}`, now);
    if (hush !== null) return [turns, hush];
    talk = withAnswer(talk, `answer ${turns}`, now);
  }
  return [most, null];
}

describe("a peer that always answers is answered no more", () => {
  test.each([
    ["at once", 0, 18, "peer_silence"],
    ["every second", 1_000, 18, "peer_silence"],
    ["every 30 seconds", 30_000, 18, "peer_silence"],
    ["every 2 minutes", 120_000, 20, "peer_silence"],
    ["every 4 minutes", 240_000, 100, "peer_per_day"],
    ["every 10 minutes", 600_000, 100, "peer_per_day"],
  ])("%s", (_, pause_ms, turns, why) => expect(loop(pause_ms)).toEqual([turns, why]));

  test("but one that asks now and then is", () => expect(loop(15 * 60_000, 500)).toEqual([500, null]));
});

test("after a silence it is answered again", () => {
  const talk = { answered: Array<number>(18).fill(START), said: [] };
  expect(hushOf(talk, "and now?", START + 59_000)).toBe("peer_silence");
  expect(hushOf(talk, "and now?", START + 60_000)).toBeNull();
});

test("thanks, assent and farewell are not answered in a talk, and a question always is", () => {
  const talk = withAnswer(NO_TALK, "Leeks.", START);
  const hushed = (text: string) => hushOf(talk, text, START + 1_000) === "peer_acknowledges";
  for (const text of ["Thanks!", "ok, thank you so much 🙏", "Understood.", "Got it, bye!", "👍"])
    expect(hushed(text), text).toBe(true);
  for (const text of ["ok, and in May?", "Thanks, which of them?", "What is good?", "Great idea: do it"])
    expect(hushed(text), text).toBe(false);
  expect(hushOf(NO_TALK, "ok", START), "as a first word").toBeNull();
});

test("an answer that says the same again is known by its words", () => {
  const talk = withAnswer(NO_TALK, "You are welcome!", START);
  expect(isRepeated(talk, "you are  welcome.")).toBe(true);
  expect(isRepeated(talk, "You are not.")).toBe(false);
});
