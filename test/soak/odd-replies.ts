import {
  board,
  promptTokens,
  type ReplyFields,
  type Script,
  type SeenRequest,
  tokens,
  verbose,
} from "../scripted-server.ts";

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a server truly bills for a request, in tokens, whatever it reports. */
export const bills = new WeakMap<SeenRequest, () => number>();

const data = (json: unknown) => `data: ${JSON.stringify(json)}\n\n`;
const delta = (fields: object | null, finish_reason: string | null = null) =>
  data({ choices: [{ index: 0, delta: fields, finish_reason }] });
const done = "data: [DONE]\n\n";
const stream = (...body: string[]): ReplyFields => ({ raw: { body } });
const instead = (body: unknown, type = "application/json", status = 200): ReplyFields => ({
  raw: { body: typeof body === "string" ? body : JSON.stringify(body), type, status },
});

type Odd = (content: string, random: () => number) => ReplyFields;
/** How often each comes is its weight; `said`: the content is billed, `free`: nothing is. */
const kinds: [weight: number, bill: "said" | "free" | "counted", odd: Odd][] = [
  [40, "counted", (content) => ({ content })],
  // Ends of a reply
  [2, "said", (content) => stream(delta({ content }), done)],
  [2, "said", (content) => stream(delta({ content }), delta(null, "stop"), done)],
  [2, "said", (content) => instead({ choices: [{ index: 0, message: { content }, finish_reason: "stop" }] })],
  [1, "said", (content) => stream(delta({ content }))],
  [1, "free", () => instead({ error: { message: "no such thing" } })],
  [1, "free", () => instead("<html><title>Bad gateway</title></html>", "text/html")],
  [1, "free", () => instead({ code: 503, message: "Loading model" }, "application/json", 503)],
  [
    1,
    "free",
    () => instead({ detail: [{ loc: ["body", "seed"], msg: "Extra inputs" }] }, "application/json", 422),
  ],
  [1, "free", () => stream(data({ error: { code: 500, message: "out of memory" } }))],
  [
    1,
    "said",
    (content) =>
      stream(delta({ content: content.slice(0, 40) }), data({ error: { code: 500, message: "oom" } })),
  ],
  [1, "free", () => stream(delta({}, "content_filter"), done)],
  [1, "free", () => stream(delta({ refusal: "I will not." }), delta({}, "stop"), done)],
  [1, "free", () => ({ status: 429, retryAfter: 0.05 })],
  [1, "free", () => ({ status: 500 })],
  [1, "free", () => instead("")],
  [2, "counted", (content) => ({ content, cutAfter: 1 })],
  [0.3, "free", () => ({ hang: true })],
  // Thinking
  [2, "counted", (content) => ({ content, reasoning: verbose(40) })],
  [
    1,
    "said",
    (content) => stream(delta({ reasoning_content: content, content: null }), delta({}, "stop"), done),
  ],
  [1, "said", (content) => stream(delta({ content: `<think>${content}` }), delta({}, "stop"), done)],
  [
    1,
    "said",
    (content) => stream(delta({ content: `<think>so</think>${content}` }), delta({}, "stop"), done),
  ],
  [
    1,
    "said",
    (content) => stream(delta({ content: [{ type: "text", text: content }] }), delta({}, "stop"), done),
  ],
  // JSON that is none
  [2, "counted", (content) => ({ content: content.replace(/\}$/, ",}") })],
  [2, "counted", (content) => ({ content: `Well: ${content}, I think.` })],
  [2, "counted", () => ({ content: "Hm { no." })],
  [1, "counted", () => ({ content: "" })],
  // Money
  [4, "counted", () => ({ content: verbose(6000), ignoreMaxTokens: true, chunkDelayMs: 1 })],
  [14, "said", (content, random) => ({ content, usage: lie(content, random) })],
  [2, "counted", (content) => ({ content, usage: null })],
];

/** None could be another tokenizer's honest count: what is a quarter of our own count or more is believed (models/usage.ts). */
const lies = [-5000, -1, 0, 1403.5, 1e300, null, "", "many", {}, [], true];
function lie(content: string, random: () => number): ReplyFields["usage"] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const field = pick(["prompt_tokens", "completion_tokens", "total_tokens"]);
  const details = pick([{}, { cached_tokens: pick(lies) }]);
  // One field lies; the others are the server's own count, or follow from it.
  const said = tokens(content);
  return {
    ...(field === "total_tokens" && { completion_tokens: said }),
    [field]: pick(lies),
    prompt_tokens_details: details,
  } as ReplyFields["usage"];
}

const total = kinds.reduce((sum, [weight]) => sum + weight, 0);

function drawn(random: () => number): (typeof kinds)[number] {
  let at = random() * total;
  for (const kind of kinds) {
    at -= kind[0];
    if (at < 0) return kind;
  }
  return kinds[0]!;
}

/** The common discussion, with odd replies in between: about every second one. */
export function oddScript(random: () => number): Script {
  const decisions = [
    { action: "recruit" },
    { action: "discuss" },
    { action: "evaluate" },
    { action: "finish" },
  ];
  const common = board({ experts: 3, decisions, agree: (round) => round > 1, talk: 120 });
  const moody = (node: string) => async (request: SeenRequest, nth: number) => {
    const scripted = common[node]!;
    const value = typeof scripted === "function" ? await scripted(request, nth) : scripted;
    const content = typeof value === "string" ? value : JSON.stringify(value);
    const [, bill, odd] = drawn(random);
    const reply = odd(content, random);
    const prompt = promptTokens(request.messages);
    const most = request.maxTokens ?? Number.POSITIVE_INFINITY;
    bills.set(request, () => {
      if (bill === "free") return 0;
      if (bill === "said") return prompt + Math.min(tokens(content), most);
      return request.usage ? request.usage.prompt_tokens + request.usage.completion_tokens : 0;
    });
    return reply;
  };
  return Object.fromEntries(
    ["ceo", "recruit", "solve", "critique", "evaluate"].map((node) => [node, moody(node)]),
  );
}
