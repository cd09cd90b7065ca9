import { describe, expect, test } from "vitest";
import { readReply, spoken } from "../../answers/reply.ts";

describe("thinking", () => {
  test.each([
    ["<think>\nSix?\n</think>\n\nSeven.", "Six?", "Seven."],
    ["<thinking>Six?</thinking>Seven.", "Six?", "Seven."],
    ["<Thought>Six?</Thought>\nSeven.", "Six?", "Seven."],
    ["[THINK]Six?[/THINK]Seven.", "Six?", "Seven."],
    ["◁think▷Six?◁/think▷Seven.", "Six?", "Seven."],
    ["<seed:think>Six?</seed:think>Seven.", "Six?", "Seven."],
    [
      "<|begin_of_thought|>\n\nSix?\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\nSeven.\n\n<|end_of_solution|>",
      "Six?",
      "Seven.",
    ],
    ["<|START_THINKING|>Six?<|END_THINKING|><|START_RESPONSE|>Seven.<|END_RESPONSE|>", "Six?", "Seven."],
    ["Six?\n</think>\n\nSeven.", "Six?", "Seven."],
    ["Six?[/THINK]Seven.", "Six?", "Seven."],
    ["<think>Six?</think><think>Eight?</think>Seven.", "Six?\n\nEight?", "Seven."],
    ["<think>Six?</think>\nWait.\n</think>\nSeven.", "Six?\n\nWait.", "Seven."],
    ["Seven.\n<think>\nEight?\n</think>\nYes.", "Eight?", "Seven.\n\nYes."],
    ["Seven.", "", "Seven."],
    ["<think></think>Seven.", "", "Seven."],
  ])("%s", (reply, thinking, text) => {
    expect(readReply(reply)).toEqual({ thinking, text, unfinished: false });
  });

  test.each([
    "<think>Six",
    "<|begin_of_thought|>Six",
    "<|channel|>analysis<|message|>Six",
    "analysisWe add six",
  ])("never ends: %s", (reply) => {
    expect(readReply(reply)).toMatchObject({ text: "", unfinished: true });
  });

  test.each([
    '{"advice": "close it with </think> next time"}',
    "The tag `</think>` ends it.",
    'He wrote "</think>" there.',
    "Write <think> before you think.",
    "```\n<think>x</think>\n```",
  ])("tags that are text: %s", (reply) => {
    expect(spoken(reply)).toBe(reply);
  });

  test("a closing tag in the answer is text where the thinking was closed", () => {
    expect(spoken("<think>Six?</think>The end is </think>, as told.")).toBe("The end is </think>, as told.");
  });

  test("tags of a model's own", () => {
    expect(readReply("{{Six?}}Seven.", ["{{", "}}"])).toMatchObject({ thinking: "Six?", text: "Seven." });
  });
});

describe("gpt-oss's channels", () => {
  const analysis = "<|channel|>analysis<|message|>Six?<|end|>";
  test.each([
    `${analysis}<|start|>assistant<|channel|>final<|message|>Seven.<|return|>`,
    `<|start|>assistant${analysis}<|start|>assistant<|channel|>final <|constrain|>json<|message|>Seven.<|end|>`,
    "analysisSix?assistantfinalSeven.",
    "analysis\nSix?\nassistantfinal\nSeven.",
  ])("%s", (reply) => {
    expect(readReply(reply)).toEqual({ thinking: "Six?", text: "Seven.", unfinished: false });
  });
  test.each(["analysis of it: seven", "final answer: seven", "The assistantfinal word"])(
    "text: %s",
    (reply) => {
      expect(spoken(reply)).toBe(reply);
    },
  );
});

describe("chat templates", () => {
  test.each([
    "<|im_start|>assistant\nSeven.<|im_end|>",
    "<|start_header_id|>assistant<|end_header_id|>\n\nSeven.<|eot_id|>",
    "<start_of_turn>model\nSeven.<end_of_turn>\n<eos>",
    "<s> Seven.</s>",
    "assistant\n\nSeven.",
    "<｜Assistant｜>Seven.<｜end▁of▁sentence｜>",
    "[/INST] Seven. </s>",
    "Seven.<|endoftext|><|endoftext|><|endoftext|>",
    "Seven.<|im_end|>\n<|im_start|>user\nAnd eight?",
    "Seven.<|endoftext|>Human: And eight?",
    "Seven.</s><s>[INST] And eight? [/INST]",
    "<|im_start|>assistant\n<think>Six?</think>\n\nSeven.<|im_end|>",
  ])("%s", (reply) => {
    expect(spoken(reply)).toBe("Seven.");
  });

  test("a token in the middle is text", () => {
    const text = "A turn ends with <|im_end|> in ChatML, and </s> elsewhere.";
    expect(spoken(text)).toBe(text);
    const fenced = "```\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n```";
    expect(spoken(fenced)).toBe(fenced);
  });

  test("the first line keeps its indent", () => {
    expect(readReply("<think>x</think>\n\n    return 1\n").text).toBe("    return 1");
  });
});
