/** What every floor does around its storage: prove, parse, ask the endpoint, answer. Nothing is made safe. */

export interface FloorEnv {
  readonly TELEGRAM_WEBHOOK_SECRET: string;
  readonly TELEGRAM_BOT_TOKEN: string;
  readonly TELEGRAM_API_BASE: string;
  readonly INFERENCE_BASE_URL: string;
  readonly INFERENCE_KEY: string;
}

export interface Question {
  readonly update_id: number;
  readonly chat: number;
  readonly text: string;
}

interface Update {
  readonly update_id: number;
  readonly message: { readonly chat: { readonly id: number }; readonly text: string };
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

/** The update of an authentic request, or null. */
export async function readUpdate(request: Request, env: FloorEnv): Promise<Question | null> {
  const secret = request.headers.get("x-telegram-bot-api-secret-token");
  if (secret !== env.TELEGRAM_WEBHOOK_SECRET) return null;
  const { update_id, message } = await request.json<Update>();
  return { update_id, chat: message.chat.id, text: message.text };
}

/** Asks the endpoint, streamed, and returns the whole answer. */
export async function ask(text: string, env: FloorEnv): Promise<string> {
  const response = await fetch(`${env.INFERENCE_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${env.INFERENCE_KEY}` },
    body: JSON.stringify({ model: "bench-model", messages: [{ role: "user", content: text }], stream: true }),
  });
  let answer = "";
  for (const line of (await response.text()).split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const chunk: Chunk = JSON.parse(line.slice(6));
    answer += chunk.choices[0]?.delta.content ?? "";
  }
  return answer;
}

/** Sends an answer to its chat. */
export async function send(chat: number, text: string, env: FloorEnv): Promise<void> {
  const response = await fetch(`${env.TELEGRAM_API_BASE}/bot${env.TELEGRAM_BOT_TOKEN}/sendMessage`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ chat_id: chat, text }),
  });
  await response.json();
}
