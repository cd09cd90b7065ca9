import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { GraphView } from "../graph/graph-view.tsx";
import { SettingInput } from "../prompts/setting-input.tsx";
import { StagePanel } from "../prompts/stage-panel.tsx";
import { useChanges } from "../prompts/use-changes.ts";
import { RecentRuns } from "../runs/recent-runs.tsx";
import { contextOf, purposeOf, useAssistants, useGraph } from "../server/assistants.ts";
import { beginRun } from "../server/begin-run.ts";
import { errorText } from "../server/error-text.ts";
import { isOfWholeRun, useSettingFields } from "../server/setting-fields.ts";
import { type TaskKind, taskFromForm, taskKinds } from "./task-from-form.ts";
import "./ask.css";

const moreWords: Partial<Record<TaskKind, string>> = {
  choice: "Choices, one a line",
  code: "Public tests in Python, with an empty line between them",
  concepts: "Words that the text must use, with commas between them",
};

/** Where a question is asked: of which graph or assistant, and with which settings. */
export function AskPage() {
  const [, go] = useLocation();
  const assistants = useAssistants();
  const [assistantId, setAssistantId] = useState<string | null>(null);
  const assistant =
    assistants.value?.find(({ assistant_id }) => assistant_id === assistantId) ??
    assistants.value?.find(({ graph_id }) => graph_id === "ceo") ??
    assistants.value?.[0];
  const id = assistant?.assistant_id ?? null;
  const { value: graph } = useGraph(id);
  const { value: fields } = useSettingFields(id);
  const changes = useChanges("ask");
  const context = contextOf(assistant);
  const [stage, setStage] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [kind, setKind] = useState<TaskKind>("open");

  async function ask(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!id) return;
    const form = new FormData(event.currentTarget);
    setSending(true);
    try {
      const task = taskFromForm(String(form.get("question")), kind, String(form.get("more") ?? ""));
      go(`/runs/${await beginRun(task, { assistantId: id, context: { ...context, ...changes.values } })}`);
    } catch (error) {
      setError(errorText(error));
      setSending(false);
    }
  }

  const names = Object.keys(changes.values);
  return (
    <main id="content" className="ask">
      <form onSubmit={ask}>
        <h1>Ask the board</h1>
        <label htmlFor="question">Question</label>
        <textarea id="question" name="question" rows={6} required />
        <div className="row">
          <label>
            Kind of answer{" "}
            <select value={kind} onChange={({ target }) => setKind(target.value as TaskKind)}>
              {taskKinds.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label>
            Who answers{" "}
            <select value={id ?? ""} onChange={({ target }) => setAssistantId(target.value)}>
              {assistants.value?.map(({ assistant_id, name }) => (
                <option key={assistant_id} value={assistant_id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
        <p className="dim purpose">{purposeOf(assistant)}</p>
        {moreWords[kind] && (
          <>
            <label htmlFor="more">{moreWords[kind]}</label>
            <textarea id="more" name="more" rows={4} required={kind !== "code"} />
          </>
        )}
        <details>
          <summary>Model, budget and limits</summary>
          <div className="settings">
            {fields?.filter(isOfWholeRun).map((field) => (
              <SettingInput
                key={field.key}
                field={field}
                value={changes.values[field.key] ?? context[field.key]}
                change={(value) => changes.set(field.key, value)}
              />
            ))}
          </div>
        </details>
        {names.length > 0 && (
          <p className="dim">
            Changed: {names.join(", ")}.{" "}
            <button type="button" className="link" onClick={changes.clear}>
              Take all back
            </button>
          </p>
        )}
        {(error ?? assistants.error) && (
          <p className="bad" role="alert">
            {error ?? assistants.error}
          </p>
        )}
        <button type="submit" className="primary" disabled={sending || !id}>
          Ask
        </button>
      </form>
      <section className="picture" aria-label="Graph">
        {graph && (
          <GraphView
            graph={graph}
            chosen={stage}
            changed={changedStages(fields ?? [], names)}
            choose={setStage}
          />
        )}
        {stage ? (
          <>
            <h2>{stage}</h2>
            <StagePanel key={stage} stage={stage} fields={fields ?? []} context={context} changes={changes} />
          </>
        ) : (
          <p className="dim hint">Choose a stage to read or change its prompt.</p>
        )}
      </section>
      <RecentRuns />
    </main>
  );
}

/** The stages whose settings were changed. */
export function changedStages(
  fields: readonly { key: string; nodes: readonly string[] }[],
  names: readonly string[],
): ReadonlySet<string> {
  return new Set(fields.filter(({ key }) => names.includes(key)).flatMap(({ nodes }) => nodes));
}
