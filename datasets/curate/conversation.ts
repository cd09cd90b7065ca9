import { columns, type DatasetRow, type Message, type Turn } from "./row.ts";

/** The conversations of a column that says nothing of its turns, as M500's: a system message begins one. */
export function conversationsOf(messages: readonly Message[]): Message[][] {
  const found: Message[][] = [];
  for (const message of messages)
    if (message.role === "system" || found.length === 0) found.push([message]);
    else found.at(-1)!.push(message);
  return found;
}

/** What the agent was asked; null where the row has no such messages. */
export function promptOf(row: DatasetRow, { role, system, from, at }: Turn): Message[] | null {
  const column = row[columns[role]];
  const places = [
    ...(system === null ? [] : [system]),
    ...Array.from({ length: at - from }, (_, i) => from + i),
  ];
  const found = places.map((place) => column[place]);
  return at > from && found.every((message) => message !== undefined) ? (found as Message[]) : null;
}
