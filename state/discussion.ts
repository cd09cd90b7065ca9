import { z } from "zod";

export const Expert = z.object({ name: z.string(), expertise: z.string(), focus: z.string() });
export type Expert = z.infer<typeof Expert>;

/** Why a speaker said nothing that counts. */
export const Abstention = z.enum(["tokens", "usd", "seconds", "context", "unparsable", "endpoint"]);
export type Abstention = z.infer<typeof Abstention>;

export const Utterance = z.object({
  id: z.string(),
  /** Turn: counts recruit and discuss decisions from 1. Round: 0 for the turn's first solve. */
  turn: z.number().int(),
  round: z.number().int(),
  step: z.number().int(),
  /** `message`: a person's, who is no expert. */
  kind: z.enum(["draft", "revision", "critique", "message"]),
  expert: z.string(),
  text: z.string(),
  /** Its thinking: kept for the record, never shown to anyone else. */
  reasoning: z.string(),
  answer: z.string().nullable(),
  agree: z.boolean().nullable(),
  abstained: Abstention.nullable(),
  error: z.string().nullable(),
});
export type Utterance = z.infer<typeof Utterance>;

/** What a person said. */
export const messagesIn = (transcript: readonly Utterance[]): Utterance[] =>
  transcript.filter(({ kind }) => kind === "message");

/** Who speaks next, in which node and for what, and each speaker's equal share of the money. */
export const NextSpeakers = z.object({
  /** `done`: the discussion is over. */
  node: z.enum(["solve", "critique", "done"]),
  situation: z.enum(["draft", "revise", "debate", "criticise"]),
  speakers: z.array(z.string()),
  turn: z.number().int(),
  round: z.number().int(),
  /** usd is null where dollars have no limit. */
  share: z.object({ tokens: z.number(), usd: z.number().nullable() }),
});
export type NextSpeakers = z.infer<typeof NextSpeakers>;
