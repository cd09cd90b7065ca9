import type { Task } from "../../../state/task.ts";
import { EarlierMessages } from "../../record/earlier-messages.tsx";
import { LongText } from "./long-text.tsx";

const letterOf = (index: number) => String.fromCharCode(65 + index);

/** What an item asks, and which choice is right. */
export function TaskView({ task, gold }: { task: Task; gold: string | null }) {
  const { question, context, choices = [], concepts = [], tests = [] } = task;
  return (
    <div className="task">
      <EarlierMessages context={context} />
      <LongText text={question} />
      {choices.length > 0 && (
        <ol className="choices">
          {choices.map((text, at) => (
            <li key={letterOf(at)}>
              {text} {letterOf(at) === gold && <span className="badge good">gold</span>}
            </li>
          ))}
        </ol>
      )}
      {concepts.length > 0 && <p className="dim">Concepts: {concepts.join(", ")}</p>}
      {tests.length > 0 && <LongText text={tests.join("\n")} code />}
    </div>
  );
}
