import { useState } from "react";
import { WordDiff } from "../compare/word-diff.tsx";
import { fieldLabel, isOfWholeRun, type SettingField } from "../server/setting-fields.ts";
import { PromptEditor, type PromptFault } from "./prompt-editor.tsx";
import { SettingInput } from "./setting-input.tsx";
import type { Changes } from "./use-changes.ts";
import "./prompts.css";

interface Props {
  stage: string;
  fields: readonly SettingField[];
  /** What the run was given, below the reader's changes. */
  context: Readonly<Record<string, unknown>>;
  changes: Changes;
}

/** What can be set at a stage: its prompts and the rest. */
export function StagePanel({ stage, fields, context, changes }: Props) {
  const own = fields.filter(({ nodes }) => nodes.includes(stage));
  const prompts = own.filter(({ type }) => type === "prompt");
  // A stage's own prompt before those that it shares.
  const sorted = [...prompts].sort((a, b) => a.nodes.length - b.nodes.length);
  const [chosen, setChosen] = useState<string | null>(null);
  const field = sorted.find(({ key }) => key === chosen) ?? sorted[0];
  const rest = own.filter((one) => one.type !== "prompt" && !isOfWholeRun(one));
  const ofRun = own.filter(isOfWholeRun);
  const setting = (key: string, value: unknown) =>
    changes.set(key, value === undefined && key in context ? null : value);
  const input = (one: SettingField) => (
    <SettingInput
      key={one.key}
      field={one}
      node={stage}
      value={changes.values[one.key] ?? context[one.key]}
      change={(value) => setting(one.key, value)}
    />
  );
  if (own.length === 0) return <p className="dim">{stage} calls no model: there is nothing to set here.</p>;
  return (
    <div className="stage-panel">
      {rest.length > 0 && <div className="settings">{rest.map(input)}</div>}
      {ofRun.length > 0 && (
        <details>
          <summary className="dim">Settings of the whole run</summary>
          <div className="settings">{ofRun.map(input)}</div>
        </details>
      )}
      {field && (
        <>
          <label className="which-prompt">
            Prompt{" "}
            <select value={field.key} onChange={({ target }) => setChosen(target.value)}>
              {sorted.map(({ key }) => (
                <option key={key} value={key}>
                  {fieldLabel(key).replace(/^prompt /, "")}
                  {key in changes.values ? " (changed)" : ""}
                </option>
              ))}
            </select>
          </label>
          <PromptOf key={field.key} field={field} context={context} changes={changes} />
        </>
      )}
    </div>
  );
}

function PromptOf({ field, context, changes }: Pick<Props, "context" | "changes"> & { field: SettingField }) {
  const [faults, setFaults] = useState<readonly PromptFault[]>([]);
  const before = String(context[field.key] ?? field.fallback ?? "");
  const text = String(changes.values[field.key] ?? before);
  const changed = text !== before;
  return (
    <>
      <div role="status" className="faults">
        {faults.map(({ line, message }) => (
          <p className="bad" key={`${line} ${message}`}>
            Line {line}: {message}
          </p>
        ))}
        {faults.length === 0 && <p className="dim">Every hole is known, and none is missing.</p>}
      </div>
      <PromptEditor
        name={promptName(field.key)}
        text={text}
        change={(next) => changes.set(field.key, next === before ? undefined : next)}
        report={setFaults}
      />
      {changed && (
        <>
          <p>
            <button type="button" onClick={() => changes.set(field.key, undefined)}>
              Take the change back
            </button>
          </p>
          <details>
            <summary>What changed</summary>
            <div className="said prompt-diff">
              <WordDiff before={before} after={text} side="both" />
            </div>
          </details>
        </>
      )}
    </>
  );
}

/** `promptAnswerMath` is the prompt `answer-math`. */
const promptName = (key: string): string =>
  key
    .replace(/^prompt/, "")
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .slice(1);
