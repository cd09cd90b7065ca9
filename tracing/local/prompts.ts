import { createHash, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Hono } from "hono";
import { z } from "zod";
import { jsonBody } from "./body.ts";
import { parameters } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import type { Store } from "./store.ts";
import { iso } from "./time.ts";

const Described = {
  description: z.string().nullish(),
  readme: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  is_public: z.boolean().nullish(),
  is_archived: z.boolean().nullish(),
};
const NewPrompt = z.strictObject({ repo_handle: z.string().min(1), ...Described });
const PromptUpdate = z.strictObject(Described);
const NewCommit = z.strictObject({
  manifest: z.record(z.string(), z.unknown()),
  parent_commit: z.string().nullish(),
  description: z.string().nullish(),
});
const Tag = z.strictObject({ tag_name: z.string().min(1), commit_id: z.guid() });

interface PromptRow {
  handle: string;
  id: string;
  created_at: number;
  updated_at: number;
  body: string;
  commits: number;
  last_hash: string | null;
}
interface CommitRow {
  key: number;
  id: string;
  handle: string;
  hash: string;
  parent_hash: string | null;
  created_at: number;
  description: string | null;
  manifest: string;
}

const promptsFrom = `SELECT *,
  (SELECT count(*) FROM commits WHERE commits.handle = prompts.handle) AS commits,
  (SELECT hash FROM commits WHERE commits.handle = prompts.handle ORDER BY key DESC LIMIT 1) AS last_hash
  FROM prompts`;

function findPrompt(store: Store, handle: string): PromptRow {
  const row = store.get<PromptRow>(`${promptsFrom} WHERE handle = ?`, handle);
  if (!row) throw new Refusal(404, `Prompt ${handle} not found.`);
  return row;
}

const newest = (store: Store, handle: string) =>
  store.get<CommitRow>("SELECT * FROM commits WHERE handle = ? ORDER BY key DESC LIMIT 1", handle);

/** The commit that `latest`, a tag, or a hash (or its first eight digits and more) names. */
function findCommit(store: Store, handle: string, name: string): CommitRow {
  const row =
    name === "latest"
      ? newest(store, handle)
      : (store.get<CommitRow>(
          `SELECT commits.* FROM commit_tags JOIN commits ON commits.id = commit_tags.commit_id
           WHERE commit_tags.handle = ? AND tag = ?`,
          handle,
          name,
        ) ??
        (/^[0-9a-f]{8,64}$/.test(name)
          ? store.get<CommitRow>("SELECT * FROM commits WHERE handle = ? AND hash GLOB ?", handle, `${name}*`)
          : undefined));
  if (!row) throw new Refusal(404, `Commit ${name} of prompt ${handle} not found.`);
  return row;
}

/** Prompts, which LangSmith's API calls repos; the owner in the path is this one workspace, `-`. */
export function promptRoutes(store: Store): Hono {
  const view = (row: PromptRow) => {
    const { description, readme, tags, ...body } = JSON.parse(row.body);
    return {
      id: row.id,
      repo_handle: row.handle,
      full_name: `-/${row.handle}`,
      owner: null,
      tenant_id: store.tenant,
      description: description ?? "",
      readme: readme ?? "",
      tags: tags ?? [],
      is_archived: false,
      is_public: false,
      ...body,
      created_at: iso(row.created_at),
      updated_at: iso(row.updated_at),
      num_commits: row.commits,
      num_likes: 0,
      num_downloads: 0,
      num_views: 0,
      last_commit_hash: row.last_hash,
    };
  };
  return new Hono()
    .post("/", async (c) => {
      const { repo_handle, ...body } = await jsonBody(c.req.raw, NewPrompt);
      store.write(() => {
        if (store.get("SELECT 1 FROM prompts WHERE handle = ?", repo_handle))
          throw new Refusal(409, `A prompt named ${repo_handle} exists already.`);
        const now = Date.now() * 1000;
        store.run(
          "INSERT INTO prompts (handle, id, created_at, updated_at, body) VALUES (?, ?, ?, ?, ?)",
          repo_handle,
          randomUUID(),
          now,
          now,
          JSON.stringify(body),
        );
      });
      return c.json({ repo: view(findPrompt(store, repo_handle)) });
    })
    .get("/", (c) => {
      const { query, is_public, is_archived, limit, offset } = parameters(c, {
        sort_field: "ignored",
        sort_direction: "ignored",
        is_archived: "text",
        is_public: "text",
        query: "text",
        limit: "number",
        offset: "number",
      });
      const all = store
        .all<PromptRow>(`${promptsFrom} ORDER BY updated_at DESC, handle`)
        .map(view)
        .filter(
          (prompt) =>
            (query === undefined || `${prompt.repo_handle} ${prompt.description}`.includes(query)) &&
            (is_public === undefined || String(prompt.is_public) === is_public) &&
            (is_archived === undefined || String(prompt.is_archived) === is_archived),
        );
      const repos = all.slice(offset ?? 0, (offset ?? 0) + (limit ?? 100));
      return c.json({ repos, total: all.length });
    })
    .get("/:owner/:handle", (c) => c.json({ repo: view(findPrompt(store, c.req.param("handle"))) }))
    .patch("/:owner/:handle", async (c) => {
      const { handle } = findPrompt(store, c.req.param("handle"));
      const update = await jsonBody(c.req.raw, PromptUpdate);
      store.write(() =>
        store.run(
          "UPDATE prompts SET updated_at = ?, body = ? WHERE handle = ?",
          Date.now() * 1000,
          JSON.stringify({ ...JSON.parse(findPrompt(store, handle).body), ...update }),
          handle,
        ),
      );
      return c.json({ repo: view(findPrompt(store, handle)) });
    })
    .delete("/:owner/:handle", (c) => {
      const { handle } = findPrompt(store, c.req.param("handle"));
      store.write(() => {
        for (const table of ["commit_tags", "commits", "prompts"])
          store.run(`DELETE FROM ${table} WHERE handle = ?`, handle);
      });
      return c.json({});
    })
    .post("/:owner/:handle/tags", async (c) => {
      const { handle } = findPrompt(store, c.req.param("handle"));
      const { tag_name, commit_id } = await jsonBody(c.req.raw, Tag);
      if (!store.get("SELECT 1 FROM commits WHERE id = ? AND handle = ?", commit_id, handle))
        throw new Refusal(404, `Commit ${commit_id} of prompt ${handle} not found.`);
      store.write(() =>
        store.run(
          `INSERT INTO commit_tags (handle, tag, commit_id) VALUES (?, ?, ?)
           ON CONFLICT (handle, tag) DO UPDATE SET commit_id = excluded.commit_id`,
          handle,
          tag_name,
          commit_id,
        ),
      );
      return c.json({ tag_name, commit_id });
    });
}

export function commitRoutes(store: Store): Hono {
  const view = ({ id, hash, parent_hash, created_at, description, manifest }: CommitRow) => ({
    id,
    commit_hash: hash,
    parent_commit_hash: parent_hash,
    created_at: iso(created_at),
    description,
    manifest: JSON.parse(manifest),
    examples: [],
  });
  return new Hono()
    .get("/:owner/:handle", (c) => {
      const { limit, offset } = parameters(c, { limit: "number", offset: "number" });
      const { handle, commits } = findPrompt(store, c.req.param("handle"));
      const rows = store.all<CommitRow>(
        "SELECT * FROM commits WHERE handle = ? ORDER BY key DESC LIMIT ? OFFSET ?",
        handle,
        limit ?? 100,
        offset ?? 0,
      );
      return c.json({ commits: rows.map(view), total: commits });
    })
    .post("/:owner/:handle", async (c) => {
      const { handle } = findPrompt(store, c.req.param("handle"));
      const { manifest, parent_commit, description } = await jsonBody(c.req.raw, NewCommit);
      const made = store.write(() => {
        const last = newest(store, handle);
        if (last && isDeepStrictEqual(JSON.parse(last.manifest), manifest))
          throw new Refusal(409, "Nothing to commit: prompt has not changed since latest commit");
        if (parent_commit && !last?.hash.startsWith(parent_commit))
          throw new Refusal(409, `The parent ${parent_commit} is not the latest commit of ${handle}.`);
        const json = JSON.stringify(manifest);
        const now = Date.now() * 1000;
        const hash = createHash("sha256")
          .update(`${last?.hash ?? ""}\n${now}\n${json}`)
          .digest("hex");
        store.run(
          `INSERT INTO commits (id, handle, hash, parent_hash, created_at, description, manifest)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          randomUUID(),
          handle,
          hash,
          last?.hash ?? null,
          now,
          description ?? null,
          json,
        );
        store.run("UPDATE prompts SET updated_at = ? WHERE handle = ?", now, handle);
        return findCommit(store, handle, hash);
      });
      return c.json({ commit: view(made) });
    })
    .get("/:owner/:handle/:commit", (c) => {
      const { handle } = findPrompt(store, c.req.param("handle"));
      parameters(c, {});
      return c.json(view(findCommit(store, handle, c.req.param("commit"))));
    });
}
