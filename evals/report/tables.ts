import type { ModeSummary } from "../summary.ts";
import { meter, whisker } from "./chart.ts";
import { counted, dollars, interval, percent, points, pointsInterval, seconds, whole } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

const several = (modes: readonly ModeSummary[]) => new Set(modes.map(({ model }) => model)).size > 1;

/** A table's head; `data-label` on each cell repeats it where a phone shows rows as cards. */
const head = (names: readonly string[]): Markup =>
  html`<thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>`;
const cell = (label: string, body: Markup | string): Markup => html`<td data-label="${label}">${body}</td>`;
const nameCell = ({ mode, model }: ModeSummary, withModel: boolean): Markup =>
  html`<th scope="row"><span class="swatch mode-${mode}"></span>${mode}${withModel ? html` <small>${model}</small>` : null}</th>`;

const columns = [
  "Mode",
  "Score, % (95 % interval)",
  "Against solo, points",
  "Tokens a rollout",
  "Tokens per solved",
  "Seconds",
  "Dollars",
  "Missing",
];

/** The headline: what each mode scored, and what it spent for that. */
export function modesTable(modes: readonly ModeSummary[]): Markup {
  const withModel = several(modes);
  return html`<table class="cards">${head(columns)}<tbody>${modes.map((mode) => modeRow(mode, modes, withModel))}</tbody></table><p class="caption">Scales run from 0 to 100 %; the dotted line is solo. A difference is bold where its interval leaves zero out.</p>`;
}

function modeRow(row: ModeSummary, modes: readonly ModeSummary[], withModel: boolean): Markup {
  const { mode, model, score, tokens, budgetTokens, tokensPerSolved, usd } = row;
  const solo = modes.find((other) => other.mode === "solo" && other.model === model)?.score.mean ?? null;
  const share = budgetTokens > 0 ? tokens.mean / budgetTokens : 0;
  return html`<tr>${nameCell(row, withModel)}${[
    cell(
      "Score",
      html`<b>${percent(score.mean)}</b> <small>${interval(score)}</small>${whisker(score, mode, solo)}`,
    ),
    cell("Against solo", toSolo(row)),
    cell(
      "Tokens",
      html`${whole(tokens.mean)} <small>of ${whole(budgetTokens)}, ${Math.round(100 * share)} %</small>${meter(share, mode)}`,
    ),
    cell("Per solved", tokensPerSolved === null ? "–" : whole(tokensPerSolved)),
    cell("Seconds", html`${seconds(row.seconds.p50)} <small>p95 ${seconds(row.seconds.p95)}</small>`),
    cell(
      "Dollars",
      html`${dollars(usd.total)} <small>${usd.perSolved === null ? "" : `${dollars(usd.perSolved)} per solved`}</small>`,
    ),
    cell("Missing", missing(row)),
  ]}</tr>`;
}

function toSolo({ mode, toSolo: difference }: ModeSummary): Markup | string {
  if (difference === null) return mode === "solo" ? "baseline" : "–";
  const clear = difference.low > 0 || difference.high < 0;
  const text = points(difference);
  return html`${clear ? html`<b>${text}</b>` : text} <small>${pointsInterval(difference)}</small>`;
}

function missing({ unanswered, unscored, abstentions, errors }: ModeSummary): Markup | string {
  const parts = [
    unanswered > 0 && `${whole(unanswered)} unanswered`,
    unscored > 0 && `${whole(unscored)} unscored`,
    abstentions > 0 && counted(abstentions, "abstention"),
    errors > 0 && counted(errors, "error"),
  ].filter((part) => part !== false);
  return parts.length > 0 ? html`<small>${parts.join(", ")}</small>` : "none";
}

/** pass@k and majority@k, where scores are 0 or 1 and problems were done more than once. */
export function repeatsTable(modes: readonly ModeSummary[]): Markup | null {
  const repeated = modes.filter(({ passAt, repeats }) => passAt && repeats > 1);
  if (repeated.length === 0) return null;
  const withModel = several(modes);
  const ks = repeated.flatMap(({ passAt }) => passAt!.map(({ k }) => k));
  const all = [...new Set(ks)].sort((a, b) => a - b);
  const names = [...all.map((k) => `pass@${k}`), ...all.map((k) => `majority@${k}`)];
  const row = (mode: ModeSummary) => {
    const value = (list: ModeSummary["passAt"], k: number) => list?.find((each) => each.k === k)?.value;
    const values = [...all.map((k) => value(mode.passAt, k)), ...all.map((k) => value(mode.majorityAt, k))];
    return html`<tr>${nameCell(mode, withModel)}${values.map((share, i) => cell(names[i]!, share === undefined ? "–" : percent(share)))}</tr>`;
  };
  return html`<p>Share of problems, in percent, with a right answer among k rollouts (pass), and with the right answer as the most frequent of k (majority).</p><table class="cards narrow">${head(["Mode", ...names])}<tbody>${repeated.map(row)}</tbody></table>`;
}
