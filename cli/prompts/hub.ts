import type { Client } from "langsmith";
import type { PromptName } from "../../prompts/index.ts";

/** A prompt as LangSmith's hub holds it. */
export interface HubPrompt {
  /** The whole hash of its latest commit. */
  commit: string;
  text: string;
}

/** Under which name the hub keeps a prompt of ours. */
export const hubName = (name: PromptName): string => `boardroom-${name}`;

/** The hub's latest commit of a prompt; null where it has none. Throws where it holds something else under the name. */
export async function pullPrompt(client: Client, name: PromptName): Promise<HubPrompt | null> {
  if (!(await client.promptExists(hubName(name)))) return null;
  try {
    const { commit_hash: commit, manifest } = await client.pullPromptCommit(hubName(name), {
      skipCache: true,
    });
    return { commit, text: templateOf(manifest, name) };
  } catch (error) {
    if (statusOf(error) === 404) return null; // made, but nothing was ever committed to it
    throw error;
  }
}

/** Commits a text to the hub. Returns the whole hash of the commit that holds it, which is the one before if nothing changed. */
export async function pushPrompt(client: Client, name: PromptName, text: string): Promise<string> {
  const { ChatPromptTemplate } = await import("@langchain/core/prompts");
  // Braces of maths and code would break an f-string template; to mustache only {{ holes }} mean something.
  const object = ChatPromptTemplate.fromMessages([["human", text]], { templateFormat: "mustache" });
  try {
    await client.pushPrompt(hubName(name), { object });
  } catch (error) {
    if (statusOf(error) !== 409) throw error; // "Nothing to commit: prompt has not changed since latest commit"
  }
  const { commit_hash } = await client.pullPromptCommit(hubName(name), { skipCache: true });
  return commit_hash;
}

const statusOf = (error: unknown): number | undefined => (error as { status?: number }).status;

/** The text of the only message template in a manifest, whatever it is wrapped in. */
function templateOf(manifest: unknown, name: PromptName): string {
  const found = templatesIn(manifest);
  if (found.length === 1) return found[0]!;
  throw new Error(
    `${hubName(name)} in the hub holds ${found.length} message templates, and ours has one: mend it there, or push over it with --force.`,
  );
}

function templatesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const { template } = value as { template?: unknown };
  if (typeof template === "string") return [template];
  return Object.values(value).flatMap(templatesIn);
}
