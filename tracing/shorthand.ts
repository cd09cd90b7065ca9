import type { Reply } from "./said.ts";

type Json = Record<string, unknown>;

/** Lists of the state that a trace abridges. A candidate is one utterance's, so utterances come first. */
const lists = ["transcript", "candidates", "decisions"] as const;
type List = (typeof lists)[number];

/** What is done, and what it is where the CEO said nothing of it. */
const plan = [
  "action",
  "experts",
  "format",
  "rounds",
  "tokensPerTurn",
  "assignments",
  "direction",
  "confidence",
];
const unsaid = {
  experts: 0,
  format: "critique",
  rounds: 0,
  tokensPerTurn: 0,
  assignments: [],
  direction: "",
  confidence: 0,
};

/**
 * How a trace says a thing once. What the outputs of a node would repeat is left out of them: words of the model call
 * below it, an utterance's fields in its candidate, the CEO's wishes that were done as they were, and what is null or
 * unchanged. Whoever reads a trace puts it back, node by node in their order, with one of these for each trace. Outputs
 * in which nothing was left out are read as they are.
 */
export class Shorthand {
  private readonly utterances = new Map<unknown, Json>();
  private readonly candidates = new Set<unknown>();
  private floor: Json = {};

  /** `reply` is that of the last model call below the node. */
  shortened(outputs: Json, reply: Reply | undefined): Json {
    return this.each(outputs, reply, (item, implied) => ({ made: difference(item, implied), whole: item }));
  }

  restored(outputs: Json, reply: Reply | undefined): Json {
    return this.each(outputs, reply, (item, implied) => {
      const whole = merged(implied, item);
      return { made: whole, whole };
    });
  }

  private each(
    outputs: Json,
    reply: Reply | undefined,
    turned: (item: Json, implied: Json) => { made: Json; whole: Json },
  ): Json {
    const result = { ...outputs };
    for (const list of lists) {
      const items = outputs[list];
      if (!Array.isArray(items)) continue;
      result[list] = items.map((item: unknown) => {
        if (!isObject(item)) return item;
        const { made, whole } = turned(item, this.implied(list, item, reply));
        if (list === "transcript") this.utterances.set(item.id, whole);
        if (list === "candidates") this.candidates.add(item.id);
        return made;
      });
    }
    if (isObject(outputs.next)) {
      const { made, whole } = turned(outputs.next, this.floor);
      result.next = made;
      this.floor = whole;
    }
    return result;
  }

  /** What a reader takes the fields of an item to be that it does not have. */
  private implied(list: List, item: Json, reply: Reply | undefined): Json {
    if (list === "transcript") return impliedUtterance(item, reply);
    if (list === "decisions") return impliedDecision(item, reply);
    if (this.candidates.has(item.id)) return impliedChange(reply);
    return { check: null, verdict: null };
  }
}

function impliedUtterance({ kind, abstained, text }: Json, reply: Reply | undefined): Json {
  const said = (abstained ?? null) === null ? reply : undefined;
  const { objections, agree } = (kind === "critique" && objectIn(said?.content)) || {};
  const words = objections ?? said?.content ?? "";
  return {
    text: words,
    reasoning: said?.reasoning ?? "",
    answer: kind === "critique" ? null : (text ?? words),
    agree: agree ?? null,
    abstained: null,
    error: null,
  };
}

/** Of a candidate that was named before only some fields are given: after a model call, a verdict. */
function impliedChange(reply: Reply | undefined): Json {
  const { accepted, advice = "" } = objectIn(reply?.content) ?? {};
  return accepted === undefined ? {} : { verdict: { accepted, advice, reasoning: reply?.reasoning ?? "" } };
}

function impliedDecision(item: Json, reply: Reply | undefined): Json {
  const heard = item.forced === true ? null : objectIn(reply?.content);
  const asked = item.asked === null ? null : isObject(item.asked) ? { ...heard, ...item.asked } : heard;
  const wanted = Object.fromEntries(Object.entries(asked ?? {}).filter(([key]) => plan.includes(key)));
  return {
    forced: false,
    asked: heard,
    applied: { ...unsaid, ...wanted },
    reason: asked?.reason ?? "",
    ...(asked && { reasoning: reply?.reasoning ?? "" }),
  };
}

/** The object that a reply is, if it is one and nothing else. */
function objectIn(text: string | undefined): Json | null {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** `item` without what `implied` says already. */
function difference(item: Json, implied: Json): Json {
  const kept: Json = {};
  for (const [key, value] of Object.entries(item)) {
    const assumed = implied[key];
    if (JSON.stringify(value) === JSON.stringify(assumed)) continue;
    const left = isObject(value) && isObject(assumed) ? difference(value, assumed) : value;
    if (left === value || Object.keys(left as Json).length > 0) kept[key] = left;
  }
  return kept;
}

function merged(implied: Json, item: Json): Json {
  const whole: Json = {};
  for (const [key, value] of Object.entries({ ...implied, ...item })) {
    const assumed = implied[key];
    if (value !== undefined)
      whole[key] = isObject(value) && isObject(assumed) ? merged(assumed, value) : value;
  }
  return whole;
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
