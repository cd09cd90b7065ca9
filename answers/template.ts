/** What chat templates write before a reply. */
const head = new RegExp(
  `^\\s*(?:${[
    "<s>",
    "<bos>",
    "<\\|(?:begin_of_text|startoftext|begin_of_solution|START_RESPONSE|START_OF_TURN_TOKEN|CHATBOT_TOKEN)\\|>",
    "<｜(?:begin▁of▁sentence|Assistant)｜>",
    "<\\|im_start\\|>\\s*(?:assistant|model)?",
    "<\\|start_header_id\\|>\\s*assistant\\s*<\\|end_header_id\\|>",
    "<\\|header_start\\|>\\s*assistant\\s*<\\|header_end\\|>",
    "<\\|start_of_role\\|>\\s*assistant\\s*<\\|end_of_role\\|>",
    "<start_of_turn>\\s*(?:model|assistant)",
    "<\\|turn>\\s*model",
    "<\\|(?:assistant|Assistant|bot)\\|>",
    "\\[\\|assistant\\|\\]",
    "\\[/INST\\]",
    "\\[BEGIN FINAL RESPONSE\\]",
    "<(?:output|response)>",
    "#{2,3} ?(?:Response|Assistant|Output) ?:?(?=\\s*\\n)",
    "(?:assistant|Assistant|ASSISTANT)(?: ?:|(?=\\s*\\n))",
  ].join("|")})`,
);

const endTokens = [
  "</s>",
  "<eos>",
  "<pad>",
  "\\[EOS\\]",
  "<end_of_turn>",
  "<turn\\|>",
  "<｜end▁of▁sentence｜>",
  "\\[\\|endofturn\\|\\]",
  "\\[END FINAL RESPONSE\\]",
  "<\\|[A-Za-z_]{2,30}\\|>",
].join("|");
const tail = new RegExp(`(?:${endTokens}|</(?:output|response)>)$`);

/** An end token behind which another turn begins, as where a server does not stop at it. */
const nextTurn = new RegExp(
  `(?:${endTokens}|(?<=\\n)[ \\t]{0,4})\\s{0,9}(?:<s>|<\\|im_start\\|>|<\\|start_header_id\\|>|<\\|header_start\\|>|<\\|start_of_role\\|>|<start_of_turn>|<\\|(?:user|system|assistant|endoftext|end_of_text)\\|>|<｜User｜>|\\[INST\\])|(?:${endTokens})\\s{0,9}(?:Human|User|user|Question|Problem|Assistant)\\b|<\\|endoftext\\|>(?=[A-Z\\n])`,
  "g",
);
const TAIL_LENGTH = 40;
const MAX_TOKENS = 1000;
const MAX_TURNS = 20;

/**
 * Without what a chat template writes around a reply, and without the turns of a server that went on behind its end.
 * An end token counts at the end only, or where another turn begins; elsewhere, and in a fenced block, it is text.
 */
export function withoutTemplate(reply: string): string {
  let text = withoutHead(reply);
  let looked = 0;
  for (const { index } of text.matchAll(nextTurn)) {
    if (++looked > MAX_TURNS) break;
    const before = text.slice(0, index);
    if (before.trim() === "" || (before.split("```").length - 1) % 2 === 1) continue;
    text = before;
    break;
  }
  text = text.trimEnd();
  for (let seen = 0; seen < MAX_TOKENS; seen++) {
    const token = tail.exec(text.slice(-TAIL_LENGTH))?.[0];
    if (!token) break;
    text = text.slice(0, -token.length).trimEnd();
  }
  return text;
}

/** Without a template's head. */
export function withoutHead(reply: string): string {
  let text = reply;
  for (let found = head.exec(text); found; found = head.exec(text)) text = text.slice(found[0].length);
  return text;
}
