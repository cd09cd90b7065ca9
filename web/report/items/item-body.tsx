import type { Item, RunLine } from "../../../evals/report/report-data.ts";
import { ModeSwatch } from "../../charts/mode-swatch.tsx";
import { formatInteger } from "../../figures.ts";
import { Fold } from "./fold.tsx";
import { useItemRecord } from "./item-record.ts";
import { RunView } from "./run-view.tsx";
import { ScoreMark } from "./score-mark.tsx";
import { TaskView } from "./task-view.tsx";

interface Props {
  item: Item;
  repeats: number;
  open: (key: string) => boolean;
  toggle: (key: string) => void;
}

/** Cannot be an item's id, which is no JSON list of this form. */
const runKey = (item: Item, { mode, repeat }: Pick<RunLine, "mode" | "repeat">) =>
  JSON.stringify([item.id, mode, repeat]);

export function ItemBody({ item, repeats, open, toggle }: Props) {
  const record = useItemRecord(item);
  if (item.record === null) return <LeftOut item={item} repeats={repeats} />;
  if (record === null) return <div className="item-body unpacking" />;
  return (
    <div className="item-body">
      {record.task && <TaskView task={record.task} gold={record.gold} />}
      {item.runs.map((line, at) => {
        const key = runKey(item, line);
        return (
          <Fold
            key={key}
            className="rollout"
            open={open(key)}
            toggle={() => toggle(key)}
            head={<RunHead line={line} repeats={repeats} />}
          >
            {() => <RunView run={record.runs[at]!} />}
          </Fold>
        );
      })}
    </div>
  );
}

function LeftOut({ item, repeats }: { item: Item; repeats: number }) {
  return (
    <div className="item-body">
      <p className="dim">The discussions of this item were left out of this page; results.jsonl has them.</p>
      {item.runs.map((line) => (
        <div key={runKey(item, line)} className="rollout">
          <div className="rollout-head">
            <RunHead line={line} repeats={repeats} />
          </div>
        </div>
      ))}
    </div>
  );
}

function RunHead({ line, repeats }: { line: RunLine; repeats: number }) {
  const { mode, repeat, answer, tokens } = line;
  return (
    <>
      <ModeSwatch mode={mode} />
      <b>{repeats > 1 ? `${mode} ${repeat + 1}` : mode}</b>
      <ScoreMark {...line} />
      <span className="short">{answer ?? "no answer"}</span>
      <span className="dim">{formatInteger(tokens)} tokens</span>
    </>
  );
}
