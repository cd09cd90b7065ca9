import { useMemo, useState } from "react";
import { historyOf } from "../../../state/history.ts";
import { changedStages } from "../ask/ask-page.tsx";
import { ForkDialog } from "../fork/fork-dialog.tsx";
import { GraphView } from "../graph/graph-view.tsx";
import { scrollable } from "../layout/scrollable.ts";
import { Tabs } from "../layout/tabs.tsx";
import { PausePanel } from "../pause/pause-panel.tsx";
import { StagePanel } from "../prompts/stage-panel.tsx";
import { useChanges } from "../prompts/use-changes.ts";
import { useGraph } from "../server/assistants.ts";
import { useSettingFields } from "../server/setting-fields.ts";
import { LiveDiscussion } from "./live-discussion.tsx";
import { MissingRun } from "./missing-run.tsx";
import { RunCourse } from "./run-course.tsx";
import { RunHead } from "./run-head.tsx";
import { spentByStage } from "./spent-by-stage.ts";
import { Team } from "./team.tsx";
import { usePlace } from "./use-place.ts";
import { useRun } from "./use-run.ts";
import { useRunActions } from "./use-run-actions.ts";
import "./run.css";

const panels = ["Graph", "Discussion", "Prompt", "Course"] as const;
type Panel = (typeof panels)[number];

/** One run, as it happens or as it was at a step: `/runs/ID?step=5&stage=ceo`. */
export function RunPage({ threadId }: { threadId: string }) {
  const { run, again } = useRun(threadId);
  const { phase, state, active, speaking, pause, error, assistantId, context, kept } = run;
  const { step, stage, show } = usePlace();
  const [panel, setPanel] = useState<Panel>(stage ? "Prompt" : "Discussion");
  const [forking, setForking] = useState(false);
  const changes = useChanges(threadId);
  const changed = Object.keys(changes.values);
  const actions = useRunActions(threadId, run, changes, again);
  const { value: graph } = useGraph(assistantId);
  const { value: fields } = useSettingFields(assistantId);
  const history = useMemo(() => (state ? historyOf(state) : []), [state]);
  const standing = step === null ? history.at(-1) : history.findLast((one) => one.step <= step);
  const shown = step === null ? state : (standing?.state ?? state);

  if (phase === "missing") return <MissingRun error={error} />;
  return (
    <main id="content" className="run" data-panel={panel}>
      <RunHead
        threadId={threadId}
        run={run}
        actions={actions}
        changed={changed.length > 0}
        history={history}
        step={standing && step !== null ? standing.step : null}
        choose={(next) => show("step", next)}
        fork={phase !== "running" && !kept && standing ? () => setForking(true) : null}
      />
      <Tabs label="Panel" names={panels} chosen={panel} choose={setPanel} />
      <section className="panel graph-panel" aria-label="Graph" {...scrollable}>
        {graph && (
          <GraphView
            graph={graph}
            active={step === null ? active : []}
            here={step === null ? null : (standing?.node ?? null)}
            chosen={stage}
            changed={changedStages(fields ?? [], changed)}
            notes={shown ? spentByStage(shown) : new Map()}
            choose={(next) => {
              show("stage", next);
              setPanel("Prompt");
            }}
          />
        )}
        {shown && shown.experts.length > 0 && <Team experts={shown.experts} />}
      </section>
      <div className="panel middle">
        {pause && (
          <PausePanel
            key={`${state?.reviews.length} ${pause.problem}`}
            request={pause}
            sending={actions.sending}
            answer={actions.goOn}
          />
        )}
        {panel === "Prompt" ? (
          <section className="scroll prompt-panel" aria-label="Prompt" {...scrollable}>
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
          </section>
        ) : (
          shown && (
            <LiveDiscussion
              state={shown}
              speaking={step === null ? speaking : []}
              follows={phase === "running" && step === null}
            />
          )
        )}
      </div>
      <section className="panel course" aria-label="Course" {...scrollable}>
        {shown && <RunCourse state={shown} step={step} choose={(next) => show("step", next)} />}
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
