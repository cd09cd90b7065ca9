import { conversationsOf, promptOf } from "./conversation.ts";
import { columns, type DatasetRow, type Message, type Role, roles } from "./row.ts";

/** A conversation as ShareGPT's files hold it. */
export interface ShareGpt {
  conversations: { from: "system" | "human" | "gpt"; value: string }[];
}

const speakers = { system: "system", user: "human", assistant: "gpt" } as const;

/**
 * What the agents of these roles said in a row, as they were prompted: a conversation for each reply, or in M500, which has no
 * turns, each conversation as a whole. For training, `boardroom finetune export` lays prompts out for the model that is tuned,
 * and leaves out replies that had to be repaired.
 */
export function shareGptOf(row: DatasetRow, chosen: readonly Role[] = roles): ShareGpt[] {
  return messagesOf(row, chosen).map((messages) => ({
    conversations: messages.map(({ role, content }) => ({ from: speakers[role], value: content })),
  }));
}

function messagesOf(row: DatasetRow, chosen: readonly Role[]): Message[][] {
  if (row.turns.length === 0) return chosen.flatMap((role) => conversationsOf(row[columns[role]]));
  return row.turns
    .filter(({ role }) => chosen.includes(role))
    .flatMap((turn) => {
      const prompt = promptOf(row, turn);
      const reply = row[columns[turn.role]][turn.at];
      return prompt && reply ? [[...prompt, reply]] : [];
    });
}
