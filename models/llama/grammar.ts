import type { LlamaGrammar, LlamaGrammarEvaluationState, LlamaModel } from "node-llama-cpp";
import { EndpointError } from "../errors.ts";
import { grammarSchema } from "./grammar-schema.ts";

/** The state of a reply that is held to a JSON schema, at its beginning. Throws an EndpointError. */
export type Grammars = (schema: object) => Promise<LlamaGrammarEvaluationState>;

/** Each schema is compiled once. */
export async function grammarsOf(model: LlamaModel): Promise<Grammars> {
  const { LlamaGrammarEvaluationState } = await import("node-llama-cpp");
  const compiled = new Map<string, Promise<LlamaGrammar>>();
  return async (schema) => {
    const key = JSON.stringify(schema);
    const grammar = compiled.get(key) ?? compile(model, schema);
    compiled.set(key, grammar);
    return new LlamaGrammarEvaluationState({ model, grammar: await grammar });
  };
}

/** node-llama-cpp ends its JSON with newlines without bound, for its own chat loop; our reply ends with the JSON. */
const NEWLINES_AT_END = / "\\n\\n\\n\\n" \[\\n\]\*$/m;
/** And it lets the model choose between indentation and one space: a third of a small reply would be indentation. */
const INDENTATION = /\[\\n\](?: \([^()]*\))? \| (?=\[ \]\?)/g;

async function compile({ llama }: LlamaModel, schema: object): Promise<LlamaGrammar> {
  try {
    const root: { type: "object" } = { type: "object", ...grammarSchema(schema) };
    const { grammar } = await llama.createGrammarForJsonSchema(root);
    return await llama.createGrammar({
      grammar: grammar.replace(NEWLINES_AT_END, "").replace(INDENTATION, ""),
    });
  } catch (cause) {
    throw new EndpointError(
      `This JSON schema cannot be turned into a grammar: ${(cause as Error).message}`,
      400,
    );
  }
}
