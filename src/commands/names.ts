/**
 * Every command's name and aliases, without what runs them: a platform asks only whether a word is a command.
 * `COMMANDS` has the same names; a test holds the two together.
 */
export const COMMAND_NAMES = [
  "model",
  "provider",
  "new",
  "reset",
  "status",
  "usage",
  "stop",
  "help",
  "start",
  "commands",
] as const;
