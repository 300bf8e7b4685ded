import { describe, expect, test } from "vitest";
import { loadText } from "../../tools/routes/load.ts";
import { check, MODEL } from "./findings.ts";

const compiled = (written: string) => loadText(`${MODEL}memory: ${written}`, "f").compiled;

describe("memory", () => {
  test("is there where the file says true", () => {
    expect(compiled("true")).toMatchObject({ memory: true });
    expect(compiled("false")).not.toHaveProperty("memory");
    expect(compiled("null")).not.toHaveProperty("memory");
  });

  test.each<[string, string, string[]]>([
    [
      "a value of another kind",
      `${MODEL}memory: { enabled: true }`,
      ["2:9 error memory must be true or false, not an object"],
    ],
    [
      "the echo",
      "model: { default: m, provider: echo }\nmemory: true",
      ["2:1 warning memory has no effect: the model block's model takes the notes, and echo only repeats"],
    ],
    [
      "an endpoint that holds the conversation",
      'model: { default: m, base_url: "https://llm.example/v1", api_key: "${KEY}", conversation: endpoint }\nmemory: true',
      [
        "2:1 warning memory has no effect: the model block's endpoint takes the notes, and holds the conversation itself",
      ],
    ],
  ])("%s", (_, text, findings) => {
    expect(check(text)).toEqual(findings);
  });
});
