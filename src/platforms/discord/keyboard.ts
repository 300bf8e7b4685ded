import type {
  APIActionRowComponent,
  APIButtonComponentWithCustomId,
  APIComponentInMessageActionRow,
  APIStringSelectComponent,
} from "discord-api-types/v10";
import type { SentButton, SentKeyboard } from "../press.ts";
import { BUTTON_LABEL_CHARS, BUTTONS_IN_ROW, CHOICE_CHARS, CHOICES, CUSTOM_ID_CHARS } from "./limits.ts";

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

const ACTION_ROW = 1;
const BUTTON = 2;
const SELECT = 3;
const SECONDARY = 2;
/** A select menu needs an id of its own; what is chosen comes as its value. */
const SELECT_ID = "choose";

/**
 * Buttons as Discord takes them: choices in a select menu, the rest as buttons below it.
 * https://discord.com/developers/docs/components/reference
 */
export function components({ choices, actions }: SentKeyboard): Row[] {
  const options = fitting(choices).slice(0, CHOICES);
  const buttons = fitting(actions).slice(0, BUTTONS_IN_ROW);
  const rows: Row[] = [];
  if (options.length > 0) rows.push({ type: ACTION_ROW, components: [menu(options)] });
  if (buttons.length > 0) rows.push({ type: ACTION_ROW, components: buttons.map(button) });
  return rows;
}

const menu = (options: readonly SentButton[]): APIStringSelectComponent => ({
  type: SELECT,
  custom_id: SELECT_ID,
  options: options.map(({ label, data }) => ({ label: label.slice(0, CHOICE_CHARS), value: data })),
});

const button = ({ label, data }: SentButton): APIButtonComponentWithCustomId => ({
  type: BUTTON,
  style: SECONDARY,
  label: label.slice(0, BUTTON_LABEL_CHARS),
  custom_id: data,
});

/** One that Discord would refuse is left out: the text says what it does. */
const fitting = (buttons: readonly SentButton[]): readonly SentButton[] =>
  buttons.filter(({ data }) => data.length <= CUSTOM_ID_CHARS);
