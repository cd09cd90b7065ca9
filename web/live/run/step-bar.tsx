import type { StateSnapshot } from "../../../state/history.ts";

interface Props {
  history: readonly StateSnapshot[];
  /** Null: the newest. */
  step: number | null;
  choose: (step: number | null) => void;
}

/** Which step of the run is shown. */
export function StepBar({ history, step, choose }: Props) {
  const last = history.length - 1;
  if (last < 0) return null;
  const at =
    step === null
      ? last
      : Math.max(
          0,
          history.findLastIndex((one) => one.step <= step),
        );
  const { step: number, node, expert } = history[at]!;
  const move = (to: number) => choose(to >= last ? null : (history[to]?.step ?? null));
  const words = `step ${number}: ${node}${expert ? `, ${expert}` : ""}`;
  return (
    <div className="steps">
      <button type="button" onClick={() => move(at - 1)} disabled={at === 0} aria-label="The step before">
        ‹
      </button>
      <input
        type="range"
        min={0}
        max={last}
        value={at}
        disabled={last === 0}
        onChange={({ target }) => move(Number(target.value))}
        aria-label="Step"
        aria-valuetext={words}
      />
      <button type="button" onClick={() => move(at + 1)} disabled={at === last} aria-label="The next step">
        ›
      </button>
      <span className="dim words">{words}</span>
      {step !== null && (
        <button type="button" className="link" onClick={() => choose(null)}>
          Newest
        </button>
      )}
    </div>
  );
}
