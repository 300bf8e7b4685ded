import { describe, expect, test } from "vitest";
import { INFERENCE_ERRORS } from "../../src/inference/errors.ts";

describe("what the user reads", () => {
  test.each(Object.entries(INFERENCE_ERRORS))("after %s is one line in plain words", (_, { line }) => {
    expect(line).toMatch(/^[A-Z][^\n]{5,140}\.$/);
    expect(line).not.toMatch(/HTTP|API|token|stream|JSON|timeout|exception|undefined|\d{3}/i);
  });
});
