import { expect, test } from "vitest";
import { loadText } from "../../tools/routes/load.ts";
import { check, MODEL } from "./findings.ts";

const file = (fields: string): string => `${MODEL}transcription: ${fields}\n`;
const said = (fields: string): string[] => check(file(fields)).map((line) => line.replace(/^\d+:\d+ /, ""));
const compiled = (fields: string) => loadText(file(fields), "f").compiled?.transcription;

test("an endpoint of its own, OpenAI's and Workers AI are fine", () => {
  const own = '{ base_url: "https://stt.example/v1", api_key: "${STT_KEY}", model: whisper-1 }';
  expect(said(own)).toEqual([]);
  expect(compiled(own)).toMatchObject({
    provider: "custom",
    base_url: "https://stt.example/v1",
    api_key: "${STT_KEY}",
    model: "whisper-1",
  });
  expect(compiled('{ provider: openai, api_key: "${O}", model: gpt-4o-transcribe }')).toMatchObject({
    base_url: "https://api.openai.com/v1",
  });
  expect(compiled("{ provider: workers-ai }")).toMatchObject({
    model: "@cf/openai/whisper-large-v3-turbo",
    base_url: null,
    api_key: null,
  });
});

test("the model block's key is never its key", () => {
  expect(compiled('{ base_url: "https://stt.example/v1", model: w }')?.api_key).toBeNull();
});

test.each([
  ["{ provider: openai }", "error transcription names no model"],
  ["{ model: whisper-1 }", "error transcription needs a base_url, or another provider"],
  [
    '{ base_url: "http://stt.example", model: w }',
    "error base_url is http, which only a loopback address may be",
  ],
  [
    '{ base_url: "https://s.example/v1", model: w, api_key: sk-literal }',
    "warning a literal api_key would be bundled into the Worker; write ${NAME} and set that secret",
  ],
  ["{ provider: anthropic, model: w }", expect.stringMatching(/^error .*provider/)],
  ['{ base_url: "https://s.example/v1", modl: w }', expect.stringContaining('did you mean "model"?')],
])("%s", (fields, finding) => {
  expect(said(fields)).toContainEqual(finding);
});
