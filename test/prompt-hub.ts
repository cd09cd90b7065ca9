/**
 * FOR TESTS ONLY. A stand-in for the prompt part of LangSmith's API, with the replies that the service was seen to give:
 * repositories, commits with their whole hashes, 409 for an unchanged manifest.
 */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

interface Commit {
  commit_hash: string;
  manifest: unknown;
}

export interface PromptHub {
  url: string;
  /** Method and path of each request. */
  requests: string[];
  commits(name: string): Commit[];
  /** Somebody edits the prompt's text on the service's page. */
  edit(name: string, edited: (template: string) => string): void;
  close(): Promise<void>;
}

const hashOf = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex");

export async function promptHub(): Promise<PromptHub> {
  const repos = new Map<string, Commit[]>();
  const requests: string[] = [];
  const commit = (name: string, manifest: unknown): Commit => {
    const commits = repos.get(name) ?? [];
    const made = { commit_hash: hashOf([commits.length, manifest]), manifest };
    repos.set(name, [...commits, made]);
    return made;
  };
  const reply = async (
    method: string,
    path: string,
    body: () => Promise<unknown>,
  ): Promise<[number, unknown]> => {
    const [, part, , name = "", which] = path.split("/");
    const commits = repos.get(name);
    if (path === "/info") return [200, { version: "0.12.0" }];
    if (path === "/settings") return [200, { id: "tenant", tenant_handle: null }];
    if (method === "POST" && path === "/repos/") {
      const { repo_handle } = (await body()) as { repo_handle: string };
      repos.set(repo_handle, []);
      return [200, { repo: { repo_handle } }];
    }
    if (!commits) return [404, { detail: "Not found" }];
    if (part === "repos") return [200, { repo: { repo_handle: name } }];
    if (method === "POST") {
      const { manifest } = (await body()) as { manifest: unknown };
      if (hashOf(commits.at(-1)?.manifest ?? null) === hashOf(manifest))
        return [409, { detail: "Nothing to commit: prompt has not changed since latest commit" }];
      return [200, { commit: { id: "1", ...commit(name, manifest) } }];
    }
    if (!which) return [200, { commits: commits.slice(-1), total: commits.length }];
    const latest = commits.at(-1);
    return latest ? [200, { ...latest, examples: [] }] : [404, { detail: "Commit not found" }];
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    requests.push(`${request.method} ${pathname}`);
    const [status, content] = await reply(request.method ?? "GET", pathname, () => json(request));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    commits: (name) => repos.get(name) ?? [],
    edit: (name, edited) =>
      void commit(
        name,
        JSON.parse(JSON.stringify(repos.get(name)?.at(-1)?.manifest), (key, value) =>
          key === "template" && typeof value === "string" ? edited(value) : value,
        ),
      ),
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
