import { type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import type { PromptSource } from "../models/call-context.ts";
import type { ModelEntry } from "../models/catalog.ts";
import { fitTranscript, transcriptRoom } from "../models/context-window.ts";
import type { OpenModel } from "../models/open.ts";
import { type PromptName, promptHash, render } from "../prompts/index.ts";
import type { Candidate } from "../state/candidate.ts";
import type { Expert, NextSpeakers } from "../state/discussion.ts";
import type { ModelNode } from "../state/settings.ts";
import { promptOf, type Settings } from "../state/settings.ts";
import type { ResolvedTask } from "../state/task.ts";
import type { RunningState } from "./node-context.ts";
import { readableTranscript, type SpokenPart, userMessages } from "./readable-transcript.ts";

/** What a node is told: task and transcript, the role, the instruction. A node without situations has no role apart. */
export interface PromptParts {
  prefix: string;
  common: string;
  body: string;
}

/** A prompt for one node, and what it was made of. */
export interface Prompt {
  messages: BaseMessage[];
  prompt: PromptSource;
}

interface Words {
  values: Record<string, unknown>;
  situation?: string;
  transcript?: SpokenPart[];
}

/**
 * The messages of a prompt: task and transcript first, role and instruction last, so that all who speak in a round share
 * the prefix. Layout `mas-tts` puts role and instruction into a system message instead, as M1-32B was trained. Prompts at
 * inference and rows of training are both laid out here.
 */
export function layOut(
  { prefix, common, body }: PromptParts,
  { layout, system }: Pick<ModelEntry, "layout" | "system">,
): BaseMessage[] {
  if (layout === "mas-tts" && system)
    return [new SystemMessage(join(common || body)), new HumanMessage(join(prefix, common && body))];
  return [new HumanMessage(join(prefix, common, body))];
}

/** The prompt of a node, from its prompt files. */
export function nodePrompt(
  node: ModelNode,
  task: ResolvedTask,
  settings: Settings,
  entry: Pick<ModelEntry, "layout" | "system">,
  { transcript = [], ...words }: Words,
): Prompt {
  return promptByTranscript(node, task, settings, entry, words)(transcript);
}

/** The same for any transcript: role and instruction are rendered once. */
function promptByTranscript(
  node: ModelNode,
  task: ResolvedTask,
  settings: Settings,
  entry: Pick<ModelEntry, "layout" | "system">,
  { values, situation }: Omit<Words, "transcript">,
): (transcript: SpokenPart[]) => Prompt {
  const form: PromptName = `answer-${task.kind}`;
  const [text, taskText, formText] = [
    promptOf(settings, node),
    promptOf(settings, "task"),
    promptOf(settings, form),
  ];
  const answerForm = render(form, {}, { text: formText }).body;
  const { common, body } = render(node, withoutEmpty({ ...values, answerForm }), {
    situation: situation ?? null,
    text,
  });
  const name = situation ? `${node}/${situation}` : node;
  const hash = promptHash([taskText, text, formText].join("\0"));
  return (transcript) => {
    const prefix = render("task", withoutEmpty(taskValues(task, transcript)), { text: taskText }).body;
    return {
      messages: layOut({ prefix, common, body }, entry),
      prompt: { name, hash, parts: [prefix.length, common.length, body.length] },
    };
  };
}

/** To Liquid an empty text or list is true: what is empty is left out. */
const withoutEmpty = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => (value as { length?: number })?.length !== 0),
  );

const join = (...parts: string[]) => parts.filter(Boolean).join("\n\n");

/** A quoted text must not look like the frame it is quoted in. */
const escapeQuote = (text: string) => escapeFrame(text.replace(/<(\/?\s*)(said|solution)\b/gi, "<$1_$2"));

/** Keeps a text from closing the frame of the problem or of the CEO's state; a comparison such as `i <state` stays. */
export const escapeFrame = (text: string): string =>
  text.replace(/<(\/\s*(?=(?:problem|state)\b)|\s*(?=(?:problem|state)\s*>))/gi, "<$1_");

const escapeContext = (text: string) => escapeFrame(text.replace(/<(\/?\s*)(context|message)\b/gi, "<$1_$2"));

const taskValues = (task: ResolvedTask, transcript: SpokenPart[]) => ({
  context: task.context?.map(({ role, text }) => ({ role, text: escapeContext(text) })),
  question: escapeFrame(task.question),
  choices: task.choices?.map((text, i) => ({ letter: String.fromCharCode(65 + i), text: escapeFrame(text) })),
  concepts: task.concepts?.map(escapeFrame).join(", "),
  tests: task.tests?.map(escapeFrame).join("\n"),
  transcript: transcript.map((part) => ({ ...part, text: escapeQuote(part.text) })),
});

export const escapedSolution = (candidate: Candidate): string => escapeQuote(candidate.text);

/** Who speaks under this name; samples of a vote and a lone solver have no role. */
const speaker = (experts: readonly Expert[], name: string): Expert =>
  experts.find((expert) => expert.name === name) ?? {
    name: "a careful problem solver",
    expertise: "",
    focus: "",
  };

/**
 * The prompt of a speaker in a discussion. What was said is cut to the model's window, and to half of the speaker's
 * `share` in tokens.
 */
export function speakerPrompt(
  state: RunningState,
  settings: Settings,
  { entry, countText }: Pick<OpenModel, "entry" | "countText">,
  name: string,
  situation: NextSpeakers["situation"],
  best: Candidate | null,
  share = Number.POSITIVE_INFINITY,
): Prompt {
  const { direction = "", tokensPerTurn = settings.maxTokensPerTurn } = state.decisions.at(-1)?.applied ?? {};
  const expert = speaker(state.experts, name);
  const parts = situation === "draft" ? userMessages(state) : readableTranscript(state, best);
  const lead = parts.findLast(({ kind }) => kind !== "critique" && kind !== "message")?.expert ?? "the lead";
  const spoken =
    situation === "criticise"
      ? promptByTranscript("critique", state.task, settings, entry, {
          values: { ...expert, direction, lead },
        })
      : promptByTranscript("solve", state.task, settings, entry, {
          values: { ...expert, direction },
          situation,
        });
  const bare = spoken([]);
  if (parts.length === 0) return bare;
  const counted = bare.messages.reduce((sum, { text }) => sum + countText(text), 0);
  return spoken(fitTranscript(parts, transcriptRoom(entry, counted, tokensPerTurn, share), countText));
}

/** Words the error of a structured reply for the model that gave it. */
export const repairPrompt = (error: string): string => render("repair", { error }).body;

/** Asks for the answer after thinking was broken off. */
export const answerNowPrompt = (): string => render("answer-now", {}).body;
