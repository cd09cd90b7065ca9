/**
 * The database, one step per version of it (`PRAGMA user_version`): a later release appends a step and never edits one.
 * What requests filter and sort by are columns, the rest is JSON. The columns that may be large stand last, so that a
 * scan does not read them. Times are microseconds since 1970.
 */
export const migrations: readonly string[] = [
  `
CREATE TABLE store (tenant_id TEXT NOT NULL);

CREATE TABLE projects (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  reference_dataset_id TEXT,
  description TEXT,
  extra TEXT NOT NULL DEFAULT '{}',
  counts TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX projects_of_dataset ON projects (reference_dataset_id) WHERE reference_dataset_id IS NOT NULL;

CREATE TABLE runs (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project INTEGER REFERENCES projects (key),
  trace_id TEXT,
  parent_run_id TEXT,
  name TEXT,
  run_type TEXT,
  start_time INTEGER,
  end_time INTEGER,
  status TEXT AS (CASE WHEN error IS NOT NULL THEN 'error' WHEN end_time IS NOT NULL THEN 'success' ELSE 'pending' END),
  is_root INTEGER AS (CASE WHEN trace_id IS NULL THEN parent_run_id IS NULL ELSE trace_id = id END),
  dotted_order TEXT,
  reference_example_id TEXT,
  prompt_tokens INTEGER,
  completion_tokens INTEGER,
  total_tokens INTEGER,
  total_cost REAL,
  error TEXT,
  tags TEXT,
  metadata TEXT,
  extra TEXT,
  inputs TEXT,
  outputs TEXT,
  events TEXT,
  serialized TEXT
);
CREATE INDEX runs_of_type ON runs (project, run_type, start_time, id);
CREATE INDEX runs_by_time ON runs (project, start_time, id);
CREATE INDEX roots ON runs (project, start_time, id) WHERE is_root = 1;
CREATE INDEX runs_of_trace ON runs (trace_id, start_time);
CREATE INDEX runs_of_example ON runs (reference_example_id) WHERE reference_example_id IS NOT NULL;

CREATE TABLE feedback (
  id TEXT PRIMARY KEY,
  run_id TEXT,
  trace_id TEXT,
  session_id TEXT,
  key TEXT NOT NULL,
  score REAL,
  value TEXT,
  source TEXT,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX feedback_of_run ON feedback (run_id, key);
CREATE INDEX feedback_by_change ON feedback (modified_at);

CREATE TABLE datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE versions (
  dataset_id TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  PRIMARY KEY (dataset_id, as_of)
) WITHOUT ROWID;
CREATE TABLE version_tags (
  dataset_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  PRIMARY KEY (dataset_id, tag)
) WITHOUT ROWID;
CREATE TABLE examples (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  dataset_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  created_at INTEGER NOT NULL,
  source_run_id TEXT,
  metadata TEXT NOT NULL,
  inputs TEXT NOT NULL,
  outputs TEXT
);
CREATE INDEX examples_of_dataset ON examples (dataset_id, place);
CREATE UNIQUE INDEX current_examples ON examples (id) WHERE until IS NULL;

CREATE TABLE prompts (
  handle TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE commits (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  handle TEXT NOT NULL,
  hash TEXT NOT NULL,
  parent_hash TEXT,
  created_at INTEGER NOT NULL,
  description TEXT,
  manifest TEXT NOT NULL,
  UNIQUE (handle, hash)
);
CREATE TABLE commit_tags (
  handle TEXT NOT NULL,
  tag TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  PRIMARY KEY (handle, tag)
) WITHOUT ROWID;
`,
  `
DROP TABLE prompts;
DROP TABLE commits;
DROP TABLE commit_tags;
`,
  `
ALTER TABLE runs DROP COLUMN serialized;
`,
];
