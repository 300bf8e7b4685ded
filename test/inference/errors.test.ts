import { describe, expect, test } from "vitest";
import { FINISH_NOTES, INFERENCE_ERRORS } from "../../src/inference/errors.ts";

describe("what the user reads", () => {
  test.each(Object.entries(INFERENCE_ERRORS))("after %s is one line in plain words", (_, { line }) => {
    expect(line).toMatch(/^[A-Z][^\n]{5,140}\.$/);
    expect(line).not.toMatch(/HTTP|API|token|stream|JSON|timeout|exception|undefined|\d{3}/i);
  });

  test("is a note only below an answer that is not whole", () => {
    expect(FINISH_NOTES).toEqual({
      stop: null,
      length: "(The answer was cut at the model's length limit.)",
      content_filter: "(The model's provider held back the rest of this answer.)",
    });
  });
});
