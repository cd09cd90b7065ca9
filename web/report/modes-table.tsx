import type { ModeSummary } from "../../evals/summary.ts";
import { Bar } from "../charts/bar.tsx";
import { modeColour } from "../charts/modes.ts";
import { Whisker } from "../charts/whisker.tsx";
import {
  dollars,
  formatCount,
  formatInteger,
  interval,
  percent,
  points,
  pointsInterval,
  seconds,
} from "../figures.ts";
import { ModeName, severalModels } from "./mode-name.tsx";

const AGAINST = "Against solo, points";
const columns = [
  "Mode",
  "Score, % (95 % interval)",
  AGAINST,
  "Tokens a rollout",
  "Tokens per solved",
  "Seconds",
  "Dollars",
  "Missing",
];

/** The headline: what each mode scored, and what it spent for that. */
export function ModesTable({ modes }: { modes: readonly ModeSummary[] }) {
  const compared = isCompared(modes);
  return (
    <>
      <table className="cards">
        <thead>
          <tr>
            {columns
              .filter((name) => compared || name !== AGAINST)
              .map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
          </tr>
        </thead>
        <tbody>
          {modes.map((row) => (
            <ModeRow key={`${row.mode} ${row.model}`} row={row} modes={modes} />
          ))}
        </tbody>
      </table>
      <p className="caption">
        Scales run from 0 to 100 %
        {compared && "; the dotted line is solo. A difference is bold where its interval leaves zero out"}.
      </p>
    </>
  );
}

/** Without runs of solo beside others there is nothing to compare. */
const isCompared = (modes: readonly ModeSummary[]): boolean => modes.some(({ toSolo }) => toSolo !== null);

/** `data-label` repeats a cell's heading where a phone shows rows as cards. */
function ModeRow({ row, modes }: { row: ModeSummary; modes: readonly ModeSummary[] }) {
  const { mode, model, score, tokens, budgetTokens, tokensPerSolved, usd } = row;
  const solo = modes.find((other) => other.mode === "solo" && other.model === model)?.score.mean ?? null;
  const share = budgetTokens > 0 ? tokens.mean / budgetTokens : 0;
  return (
    <tr>
      <ModeName of={row} withModel={severalModels(modes)} />
      <td data-label="Score">
        <b>{percent(score.mean)}</b> <small>{interval(score)}</small>
        <Whisker estimate={score} colour={modeColour(mode)} reference={solo} />
      </td>
      {isCompared(modes) && (
        <td data-label="Against solo">
          <AgainstSolo row={row} />
        </td>
      )}
      <td data-label="Tokens">
        {formatInteger(tokens.mean)}{" "}
        <small>
          of {formatInteger(budgetTokens)}, {Math.round(100 * share)} %
        </small>
        <Bar share={share} colour={modeColour(mode)} />
      </td>
      <td data-label="Per solved">{tokensPerSolved === null ? "–" : formatInteger(tokensPerSolved)}</td>
      <td data-label="Seconds">
        {seconds(row.seconds.p50)} <small>p95 {seconds(row.seconds.p95)}</small>
      </td>
      <td data-label="Dollars">
        {dollars(usd.total)} <small>{usd.perSolved !== null && `${dollars(usd.perSolved)} per solved`}</small>
      </td>
      <td data-label="Missing">{missing(row)}</td>
    </tr>
  );
}

function AgainstSolo({ row: { mode, toSolo } }: { row: ModeSummary }) {
  if (toSolo === null) return mode === "solo" ? "baseline" : "–";
  const clear = toSolo.low > 0 || toSolo.high < 0;
  return (
    <>
      {clear ? <b>{points(toSolo)}</b> : points(toSolo)} <small>{pointsInterval(toSolo)}</small>
    </>
  );
}

function missing({ unanswered, unscored, abstentions, errors }: ModeSummary) {
  const parts = [
    unanswered > 0 && `${formatInteger(unanswered)} unanswered`,
    unscored > 0 && `${formatInteger(unscored)} unscored`,
    abstentions > 0 && formatCount(abstentions, "abstention"),
    errors > 0 && formatCount(errors, "error"),
  ].filter((part) => part !== false);
  return parts.length > 0 ? <small>{parts.join(", ")}</small> : "none";
}
