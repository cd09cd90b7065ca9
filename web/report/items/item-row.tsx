import type { Item } from "../../../evals/report/report-data.ts";
import type { Mode } from "../../../state/run-info.ts";
import { Fold } from "./fold.tsx";
import { ItemBody } from "./item-body.tsx";
import { ScoreMark } from "./score-mark.tsx";

interface Props {
  item: Item;
  modes: readonly Mode[];
  repeats: number;
  /** Whether something is unfolded: the item by its id, a run of it by `runKey`. */
  open: (key: string) => boolean;
  toggle: (key: string) => void;
}

/** One item of the list, and when it is unfolded its question and its runs. */
export function ItemRow({ item, modes, repeats, open, toggle }: Props) {
  return (
    <Fold
      className="item"
      open={open(item.id)}
      toggle={() => toggle(item.id)}
      head={
        <>
          <span className="id">{item.id}</span>
          <span className="title">{item.title}</span>
          <span className="modes">
            {modes.map((mode) => (
              <span key={mode}>
                <small className="mode-name">{mode}</small>
                {item.runs
                  .filter((run) => run.mode === mode)
                  .map((run) => (
                    <ScoreMark key={run.repeat} {...run} />
                  ))}
              </span>
            ))}
          </span>
        </>
      }
    >
      {() => <ItemBody item={item} repeats={repeats} open={open} toggle={toggle} />}
    </Fold>
  );
}
