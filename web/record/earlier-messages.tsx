import type { Task } from "../../state/task.ts";
import { formatCount } from "../figures.ts";

/** What was said before the problem was put, folded: the experts were told it too. */
export function EarlierMessages({ context = [] }: Pick<Task, "context">) {
  if (context.length === 0) return null;
  // Messages have no id, and may say the same: their place names them.
  const placed = context.map((message, at) => ({ at, message }));
  return (
    <details className="earlier-messages">
      <summary>Said before the question: {formatCount(context.length, "message")}</summary>
      <ol>
        {placed.map(({ at, message }) => (
          <li key={at}>
            <b>{message.role}</b> <span className="said">{message.text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
