/**
 * The client side of report.html: fills the item browser and shows runs. What models wrote only ever becomes text
 * nodes. `runView` stands alone, so that a page of a single run can use it too.
 */

/** An element with attributes and children: nodes and texts, nested lists of them, null and "" for none. */
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== ""));
  return node;
}

const whole = (n) => Math.round(n).toLocaleString("en-US");
const counted = (n, one) => `${whole(n)} ${one}${n === 1 ? "" : "s"}`;
const badge = (kind, text) => el("span", { class: `badge ${kind}` }, text);

/** A text as it is; of a long one the beginning, and a button for the rest. */
function prose(text, kind = "prose") {
  const most = 900;
  const box = el("div", { class: kind });
  if (text.length <= most + 200) {
    box.append(text);
    return box;
  }
  const more = el("button", { type: "button", class: "more" }, `Show all ${whole(text.length)} characters`);
  more.addEventListener("click", () => box.replaceChildren(text));
  box.append(`${text.slice(0, most)}… `, more);
  return box;
}

/** Right, wrong, or a partial score in percent; unanswered and unscored have signs of their own. */
function mark(score, answered) {
  if (!answered) return ["none", "–", "no answer"];
  if (score === null) return ["none", "?", "unscored"];
  if (score >= 1) return ["right", "✓", "right"];
  return score > 0
    ? ["part", String(Math.round(100 * score)), `${Math.round(100 * score)} %`]
    : ["wrong", "✗", "wrong"];
}

function markNode(score, answered) {
  const [kind, sign, name] = mark(score, answered);
  return el("span", { class: `mark ${kind}`, role: "img", "aria-label": name, title: name }, sign);
}

// One run

const convenes = ({ action }) => action === "recruit" || action === "discuss";

/** In words, what a decision does; only what its action uses. */
function planText(plan) {
  if (!convenes(plan)) return plan.action;
  const { action, experts, format, rounds, tokensPerTurn } = plan;
  return `${action}: ${counted(experts, "expert")}, ${format}, ${counted(rounds, "round")}, ${whole(tokensPerTurn)} tokens a turn`;
}

const plain = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** Where what was applied is not what was asked: `[field, asked, applied]`, of the fields that the action uses. */
function clamped({ asked, applied }) {
  if (!asked) return [];
  return Object.keys(applied)
    .filter((name) => name === "action" || (convenes(applied) && name in asked))
    .map((name) => [name, plain(asked[name]), plain(applied[name])])
    .filter(([, from, to]) => from !== to);
}

function decisionNode(decision) {
  const { applied, asked, forced, reason, step } = decision;
  return el(
    "li",
    { class: "decision" },
    el(
      "div",
      { class: "who" },
      el("b", {}, asked ? "CEO" : "Rule"),
      el("span", { class: "what" }, planText(applied)),
      forced ? badge("forced", "forced") : null,
      asked ? el("span", { class: "dim" }, `confidence ${applied.confidence}`) : null,
      el("span", { class: "dim step" }, `step ${step}`),
    ),
    reason ? prose(reason) : null,
    applied.direction ? el("p", { class: "dim" }, "Direction: ", applied.direction) : null,
    applied.assignments.map(({ expert, focus }) => el("p", { class: "dim" }, `${expert}: `, focus)),
    clamped(decision).map(([name, from, to]) =>
      el("p", { class: "clamped" }, `${name}: asked `, el("del", {}, from), " applied ", el("ins", {}, to)),
    ),
  );
}

const silences = {
  tokens: "no tokens left",
  usd: "no money left",
  seconds: "no time left",
  context: "prompt too long for the model",
  unparsable: "reply could not be read",
  endpoint: "the endpoint failed",
};

function saidNode(said, candidate) {
  const { expert, kind, round, step, text, answer, agree, abstained, error } = said;
  return el(
    "li",
    { class: `said ${kind}` },
    el(
      "div",
      { class: "who" },
      el("b", {}, expert),
      el("span", { class: "what" }, round > 0 ? `${kind}, round ${round}` : kind),
      agree === null ? null : badge(agree ? "good" : "bad", agree ? "agrees" : "objects"),
      abstained ? badge("forced", `abstained: ${silences[abstained] ?? abstained}`) : null,
      el("span", { class: "dim step" }, `step ${step}`),
    ),
    text ? prose(text) : null,
    error ? el("p", { class: "dim" }, error) : null,
    answer === null
      ? null
      : el("div", { class: "answer" }, el("span", { class: "dim" }, "answer "), prose(answer, "code")),
    candidate ? judged(candidate) : null,
  );
}

/** What checks and the evaluator said of a candidate. */
function judged({ check, verdict }) {
  const verified = check?.passed ?? null;
  return [
    check || verified !== null
      ? el(
          "p",
          { class: "judged" },
          badge(verified ? "good" : "bad", verified ? "passed the checks" : "failed the checks"),
          check ? ` ${check.detail}` : "",
        )
      : null,
    verdict
      ? el(
          "p",
          { class: "judged" },
          badge(
            verdict.accepted ? "good" : verdict.unusable ? "" : "bad",
            verdict.accepted
              ? "evaluator accepts"
              : verdict.unusable
                ? "no usable verdict"
                : "evaluator rejects",
          ),
          verdict.advice ? ` ${verdict.advice}` : "",
        )
      : null,
  ].filter(Boolean);
}

/** Decisions and utterances in the order of steps. */
function discussion({ decisions, transcript, candidates, experts }) {
  const candidate = new Map(candidates.map((each) => [each.id, each]));
  const events = [
    ...decisions.map((each) => [each.step, () => decisionNode(each)]),
    ...transcript.map((each) => [each.step, () => saidNode(each, candidate.get(each.id))]),
  ].sort(([a], [b]) => a - b);
  return el(
    "div",
    { class: "discussion" },
    experts.length > 0
      ? el(
          "ul",
          { class: "team", "aria-label": "Team at the end" },
          experts.map(({ name, expertise }) =>
            el("li", {}, el("b", {}, name), expertise ? ` ${expertise}` : ""),
          ),
        )
      : null,
    el(
      "ol",
      { class: "events" },
      events.map(([, make]) => make()),
    ),
  );
}

/**
 * The ledger's rows, one for each step and node that spent tokens or changed the answer; made from the run's steps,
 * or, without them, from its calls.
 */
function ledgerRows({ steps, record }) {
  let tokens = 0;
  const calls = record.spend.map((call) => {
    tokens += call.status === "failed" ? 0 : call.input + call.output;
    return { ...call, tokens, answer: null, score: null };
  });
  const rows = [];
  for (const { step, node, expert, tokens, answer, score } of steps?.length > 0 ? steps : calls) {
    const last = rows.at(-1);
    if (last?.step === step && last.node === node)
      Object.assign(last, { tokens, answer, score, times: last.times + 1 });
    else rows.push({ step, node, expert, tokens, answer, score, times: 1, from: last?.tokens ?? 0 });
  }
  return rows
    .map((row, i) => ({ ...row, changed: row.answer !== (rows[i - 1]?.answer ?? null) }))
    .filter(({ tokens, from, changed }) => tokens > from || changed);
}

/** Cumulative tokens by step: each bar begins where the one before it ended. */
function ledger(run) {
  const rows = ledgerRows(run);
  const all = rows.at(-1)?.tokens ?? 0;
  if (all === 0) return null;
  const bar = (kind, tokens) => {
    const node = el("span", { class: kind });
    node.style.width = `${(100 * tokens) / all}%`;
    return node;
  };
  const line = ({ step, node, expert, times, from, tokens, answer, score, changed }) =>
    el(
      "tr",
      {},
      el(
        "th",
        { scope: "row" },
        `${step} ${node}`,
        times > 1 ? ` ×${times}` : el("small", {}, ` ${expert ?? ""}`),
      ),
      el("td", { class: "bars" }, el("div", {}, bar("before", from), bar(`bar node-${node}`, tokens - from))),
      el("td", { class: "number" }, whole(tokens)),
      el("td", { class: "then" }, changed && answer !== null ? [markNode(score, true), ` ${answer}`] : null),
    );
  const budget = run.budget?.tokens;
  const share = budget ? ` of ${whole(budget)} tokens, ${Math.round((100 * all) / budget)} %` : " tokens";
  return el(
    "table",
    { class: "ledger" },
    el("caption", {}, `Ledger: ${whole(all)}${share}. On the right, the answer where it changed.`),
    el("tbody", {}, rows.map(line)),
  );
}

function facts({ answer, score, status, usage, method, error, model }) {
  const texts = [
    status,
    method ? `scored by: ${method}` : "",
    usage ? counted(usage.calls, "call") : "",
    usage ? `${(usage.wallMs / 1000).toFixed(1)} s` : "",
    usage && usage.usd > 0 ? `$${Number(usage.usd.toPrecision(3))}` : "",
    model ?? "",
  ];
  return el(
    "div",
    { class: "outcome" },
    el(
      "div",
      { class: "answer" },
      markNode(score ?? null, answer !== null),
      answer === null ? " no answer" : prose(answer, "code"),
    ),
    el(
      "ul",
      { class: "facts" },
      texts.filter(Boolean).map((text) => el("li", {}, text)),
    ),
    error ? el("p", { class: "problem" }, error) : null,
  );
}

/**
 * One run as an element. `run`: a result row, of which `answer`, `status` and `record` ({ experts, decisions,
 * transcript, candidates, spend }) are needed, and as `steps` its rows of steps.jsonl, if there are any.
 */
export function runView(run) {
  return el("div", { class: "run" }, facts(run), discussion(run.record), ledger(run));
}

// The item browser

const stored = (id) => JSON.parse(document.getElementById(id).textContent);
const letterOf = (index) => String.fromCharCode(65 + index);

function taskView({ question, choices = [], concepts = [], tests = [] }, gold) {
  return el(
    "div",
    { class: "task" },
    prose(question),
    choices.length > 0
      ? el(
          "ol",
          { class: "choices" },
          choices.map((text, index) =>
            el("li", {}, text, letterOf(index) === gold ? [" ", badge("good", "gold")] : ""),
          ),
        )
      : null,
    concepts.length > 0 ? el("p", { class: "dim" }, `Concepts: ${concepts.join(", ")}`) : null,
    tests.length > 0 ? prose(tests.join("\n"), "code") : null,
  );
}

/** A disclosure whose body is made when it is first opened. */
function disclosure(kind, summary, body) {
  const node = el("details", { class: kind }, el("summary", { class: `${kind}-head` }, summary));
  const open = () => {
    if (node.open && node.childElementCount === 1) node.append(body());
  };
  node.addEventListener("toggle", open);
  return node;
}

const runLabel = ({ mode, repeat }, repeats) => (repeats > 1 ? `${mode} ${repeat + 1}` : mode);

function runHead(run, repeats) {
  return [
    el("span", { class: `swatch mode-${run.mode}` }),
    el("b", {}, runLabel(run, repeats)),
    markNode(run.score, run.answer !== null),
    el("span", { class: "short" }, run.answer ?? "no answer"),
    run.steps?.length > 0 ? el("span", { class: "dim" }, `${whole(run.steps.at(-1).tokens)} tokens`) : "",
  ];
}

function itemBody(entry, number, repeats) {
  if (!entry.kept) {
    return el(
      "div",
      { class: "item-body" },
      el(
        "p",
        { class: "dim" },
        "The discussions of this item were left out of this page; results.jsonl has them.",
      ),
      entry.runs.map((run) =>
        el("div", { class: "rollout" }, el("div", { class: "rollout-head" }, runHead(run, repeats))),
      ),
    );
  }
  const { task, gold, runs } = stored(`item-${number}`);
  return el(
    "div",
    { class: "item-body" },
    task ? taskView(task, gold) : null,
    runs.map((run) => disclosure("rollout", runHead(run, repeats), () => runView(run))),
  );
}

/** A mode's marks of an item, one for each repeat. */
function scoresOf(entry, mode) {
  const runs = entry.runs.filter((run) => run.mode === mode);
  return el(
    "span",
    {},
    el("small", { class: "mode-name" }, mode),
    runs.map(({ score, answer }) => markNode(score, answer !== null)),
  );
}

function itemNode(entry, number, modes, repeats) {
  const head = [
    el("span", { class: "id" }, entry.id),
    el("span", { class: "title" }, entry.title),
    el(
      "span",
      { class: "modes" },
      modes.map((mode) => scoresOf(entry, mode)),
    ),
  ];
  const node = disclosure("item", head, () => itemBody(entry, number, repeats));
  node.addEventListener("toggle", () => {
    if (node.open) history.replaceState(null, "", `#item/${encodeURIComponent(entry.id)}`);
  });
  return node;
}

const meanOf = (runs) => runs.reduce((sum, { score }) => sum + (score ?? 0), 0) / runs.length;

/** Modes differ in their mean score of the item. */
function modesDisagree({ runs }, modes) {
  const means = modes.map((mode) => runs.filter((run) => run.mode === mode)).filter((own) => own.length > 0);
  return new Set(means.map(meanOf)).size > 1;
}

const filters = [
  ["all", "All", () => true],
  ["disagree", "Modes disagree", modesDisagree],
  [
    "wrong",
    "Wrong",
    ({ runs }) => runs.some(({ score, answer }) => answer !== null && score !== null && score < 1),
  ],
  ["unanswered", "Unanswered", ({ runs }) => runs.some(({ answer }) => answer === null)],
];

function browse(root) {
  const entries = stored("entries");
  const modes = [...new Set(entries.flatMap(({ runs }) => runs.map(({ mode }) => mode)))];
  const repeats = 1 + Math.max(0, ...entries.flatMap(({ runs }) => runs.map(({ repeat }) => repeat)));
  const nodes = entries.map((entry, number) => itemNode(entry, number, modes, repeats));
  const found = el("p", { class: "dim", role: "status" });
  const search = el("input", {
    type: "search",
    placeholder: "Find in id or question",
    "aria-label": "Find items",
  });
  let chosen = filters[0];
  const show = () => {
    const words = search.value.toLowerCase();
    let n = 0;
    entries.forEach((entry, number) => {
      const hit = chosen[2](entry, modes) && `${entry.id} ${entry.title}`.toLowerCase().includes(words);
      nodes[number].hidden = !hit;
      n += hit ? 1 : 0;
    });
    found.textContent =
      n === entries.length ? `${counted(n, "item")}` : `${whole(n)} of ${counted(entries.length, "item")}`;
  };
  const choice = (filter) => {
    const [name, label, holds] = filter;
    const input = el("input", { type: "radio", name: "filter", value: name });
    input.checked = filter === chosen;
    input.addEventListener("change", () => {
      chosen = filter;
      show();
    });
    const count = entries.filter((entry) => holds(entry, modes)).length;
    return el("label", {}, input, el("span", {}, label, el("small", {}, ` ${whole(count)}`)));
  };
  search.addEventListener("input", show);
  const bar = el(
    "div",
    { class: "filters" },
    el("fieldset", {}, el("legend", {}, "Show items"), filters.map(choice)),
    search,
  );
  root.append(bar, found, el("div", { class: "items" }, nodes));
  show();
  const wanted = location.hash.startsWith("#item/") ? decodeURIComponent(location.hash.slice(6)) : null;
  const number = entries.findIndex(({ id }) => id === wanted);
  if (number >= 0) {
    nodes[number].open = true;
    nodes[number].scrollIntoView();
  }
}

const root = document.getElementById("browser");
if (root) browse(root);
