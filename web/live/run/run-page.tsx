import { useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { historyOf } from "../../../state/history.ts";
import type { AnswerInput } from "../../../state/pause.ts";
import { changedStages } from "../ask/ask-page.tsx";
import { ForkDialog } from "../fork/fork-dialog.tsx";
import { GraphView } from "../graph/graph-view.tsx";
import { Tabs } from "../layout/tabs.tsx";
import { PausePanel } from "../pause/pause-panel.tsx";
import { StagePanel } from "../prompts/stage-panel.tsx";
import { useChanges } from "../prompts/use-changes.ts";
import { useGraph } from "../server/assistants.ts";
import { beginOn, beginRun } from "../server/begin-run.ts";
import { client } from "../server/client.ts";
import { errorText } from "../server/error-text.ts";
import { useSettingFields } from "../server/setting-fields.ts";
import { Course } from "./course.tsx";
import { LiveDiscussion } from "./live-discussion.tsx";
import { RunFacts } from "./run-facts.tsx";
import { spentByStage } from "./spent-by-stage.ts";
import { StepBar } from "./step-bar.tsx";
import { Team } from "./team.tsx";
import { useRun } from "./use-run.ts";
import "./run.css";

const panels = ["Graph", "Discussion", "Prompt", "Course"] as const;
type Panel = (typeof panels)[number];

/** One run, as it happens or as it was at a step: `/runs/ID?step=5&stage=ceo`. */
export function RunPage({ threadId }: { threadId: string }) {
  const { run, again } = useRun(threadId);
  const { phase, state, active, speaking, pause, error, assistantId, runId, context, before } = run;
  const [, go] = useLocation();
  const [search, setSearch] = useSearchParams();
  const [panel, setPanel] = useState<Panel>(search.has("stage") ? "Prompt" : "Discussion");
  const [forking, setForking] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const changes = useChanges(threadId);
  const { value: graph } = useGraph(assistantId);
  const { value: fields } = useSettingFields(assistantId);
  const history = useMemo(() => (state ? historyOf(state) : []), [state]);
  const step = search.has("step") ? Number(search.get("step")) : null;
  const standing = step === null ? history.at(-1) : history.findLast((one) => one.step <= step);
  const shown = step === null ? state : (standing?.state ?? state);
  const stage = search.get("stage");
  const changed = Object.keys(changes.values);

  const choose = (name: "step" | "stage", value: string | null) =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === null) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const attempt = (work: () => Promise<unknown>) => {
    setFailure(null);
    setSending(true);
    work()
      .catch((error) => setFailure(errorText(error)))
      .finally(() => setSending(false));
  };
  const runAgain = () =>
    attempt(async () => {
      if (!assistantId || !state?.task) return;
      const asked = { assistantId, context: { ...context, ...changes.values }, before: threadId };
      const next = await beginRun(state.task, asked);
      changes.clear();
      go(`/runs/${next}`);
    });
  const resume = (answer?: AnswerInput) =>
    attempt(async () => {
      if (!assistantId) return;
      const asked = { assistantId, context: { ...context, ...changes.values } };
      await beginOn(threadId, answer === undefined ? asked : { ...asked, answer });
      again();
    });

  if (phase === "missing")
    return (
      <main id="content" className="plain">
        <h1>This run is not here.</h1>
        <p className="bad">{error}</p>
        <p>
          <Link href="/runs">All runs</Link>
        </p>
      </main>
    );
  return (
    <main id="content" className="run" data-panel={panel}>
      <section className="head" aria-label="Run">
        <h1>{state?.task?.question ?? "…"}</h1>
        <RunFacts run={run} />
        <div className="row actions">
          {phase === "running" && runId && (
            <button type="button" onClick={() => attempt(() => client.runs.cancel(threadId, runId))}>
              Stop
            </button>
          )}
          {phase === "broken" && (
            <button type="button" className="primary" onClick={() => resume()}>
              Go on
            </button>
          )}
          {phase !== "running" && state && (
            <button
              type="button"
              className={changed.length > 0 ? "primary" : ""}
              disabled={sending}
              onClick={runAgain}
            >
              {changed.length > 0 ? "Run again with the changes" : "Run again"}
            </button>
          )}
          {phase !== "running" && standing && assistantId && (
            <button type="button" onClick={() => setForking(true)}>
              Go on from step {standing.step}
            </button>
          )}
          {before && <Link href={`/compare?a=${before}&b=${threadId}`}>Compare with the run before</Link>}
        </div>
        {(failure ?? error) && (
          <p className="bad" role="alert">
            {failure ?? error}
          </p>
        )}
        <StepBar
          history={history}
          step={step}
          choose={(next) => choose("step", next === null ? null : String(next))}
        />
      </section>
      <Tabs label="Panel" names={panels} chosen={panel} choose={setPanel} />
      <section className="panel graph-panel" aria-label="Graph">
        {graph && (
          <GraphView
            graph={graph}
            active={step === null ? active : []}
            here={step === null ? null : (standing?.node ?? null)}
            chosen={stage}
            changed={changedStages(fields ?? [], changed)}
            notes={shown ? spentByStage(shown) : new Map()}
            choose={(next) => {
              choose("stage", next);
              setPanel("Prompt");
            }}
          />
        )}
        {shown && shown.experts.length > 0 && <Team experts={shown.experts} />}
      </section>
      <section className="panel middle" aria-label={panel === "Prompt" ? "Prompt" : "Discussion"}>
        {pause && (
          <PausePanel
            key={`${state?.reviews.length} ${pause.problem}`}
            request={pause}
            sending={sending}
            answer={resume}
          />
        )}
        {panel === "Prompt" ? (
          <div className="scroll">
            {stage ? (
              <>
                <h2>{stage}</h2>
                <StagePanel
                  key={stage}
                  stage={stage}
                  fields={fields ?? []}
                  context={context}
                  changes={changes}
                />
              </>
            ) : (
              <p className="dim">Choose a stage in the graph to read or change its prompt.</p>
            )}
          </div>
        ) : (
          shown && (
            <LiveDiscussion
              state={shown}
              speaking={step === null ? speaking : []}
              follows={phase === "running" && step === null}
            />
          )
        )}
      </section>
      <section className="panel course" aria-label="Course">
        {shown && <Course state={shown} step={step} choose={(next) => choose("step", String(next))} />}
      </section>
      {forking && standing && assistantId && (
        <ForkDialog
          threadId={threadId}
          assistantId={assistantId}
          step={standing.step}
          decision={standing.state.decisions.find(
            (one) => one.step === standing.step && ["ceo", "plan"].includes(standing.node),
          )}
          context={{ ...context, ...changes.values }}
          changed={changed}
          close={() => setForking(false)}
        />
      )}
    </main>
  );
}
