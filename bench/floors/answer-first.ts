import { type Question, send } from "./calls.ts";
import floor, { Chat } from "./durable.ts";

export default floor;

/** The durable floor that also stores an answer before it sends it, as a gateway must that makes no answer twice. */
export class AnswerFirstChat extends Chat {
  protected override async deliver(question: Question, answer: string): Promise<void> {
    this.ctx.storage.sql.exec(
      "UPDATE inbox SET state = 'answered', message = ? WHERE delivery_id = ?",
      answer,
      String(question.update_id),
    );
    await send(question.chat, answer, this.env);
    this.finish(question, answer);
  }
}
