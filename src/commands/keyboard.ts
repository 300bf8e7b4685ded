/** A button below an answer. Pressing it runs its command, as whoever presses it: no more, and no less. */
export interface Button {
  readonly label: string;
  /** The command's text, with arguments; short, because it travels with the button. */
  readonly command: string;
}

/** The buttons below an answer: one choice of several, and what else there is to do. */
export interface Keyboard {
  readonly choices?: readonly Button[] | undefined;
  readonly actions?: readonly Button[] | undefined;
}

/** The button that takes back what a command did: a form of /undo, which is not for typing. */
export const takeBack = (what: string): Keyboard => ({
  actions: [{ label: "Take it back", command: `/undo ${what}` }],
});

/** A command's answer with buttons (not every platform has any: the text says how to do without), or with a file. */
export interface CommandReply {
  readonly text: string;
  readonly keyboard?: Keyboard;
  /** A chunk that is one (text/code-file.ts), for platforms that have files. */
  readonly file?: string;
}
