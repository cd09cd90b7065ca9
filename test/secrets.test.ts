import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../paths.ts";
import { keptOut, redacted, redactedDeep } from "../secrets.ts";

const keys = [
  "sk-ant-api03-abcDEF123-xyz",
  "sk-proj-****1234",
  "lsv2_pt_0123456789abcdef",
  "hf_AbCdEfGhIjKlMnOpQrSt",
  "gsk_abcd1234efgh5678",
  "AKIAIOSFODNN7EXAMPLE",
  "ghp_abcdefghijklmnopqrstuvwxyz012345",
  "github_pat_11ABCDEFG0abcdefghijkl",
  "AIzaSyA1234567890abcdefghijklmnopqrstu",
  "xoxb-1234567890-abcdefghij",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
  "Authorization: Bearer abc123def456",
  "authorization: a1b2c3d4e5f6",
  "api_key=abc123def456ghi789",
  '{"apiKey":"abc123def456ghi789"}',
  "password: hunter2hunter2",
  "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1",
  "https://user:pa55word@host.example/v1",
  "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
];

test.each(keys)("%s is replaced, in text and in JSON", (key) => {
  const secret = key.replace(/^.*?(?:Bearer |[:=]\s?"?|:\/\/)/s, "").slice(0, 12);
  for (const text of [key, `before ${key} after`, JSON.stringify({ a: key })]) {
    const clean = redacted(text);
    expect(clean).toContain("[key]");
    expect(clean).not.toContain(secret);
  }
  expect(JSON.parse(redacted(JSON.stringify({ a: `x ${key} y` })))).toHaveProperty("a");
});

test.each([
  "The ring bearer of bad tidings walked on; Basic mathematics followed.",
  "def f(api_key=None):\n    token = tokenize_line_2(text)\n    secret = compute_secret_12345(x)",
  "risk-adjusted returns, task-oriented, desk-bound, a disk-based index",
  "pk_id, hf_dataset_name and sk_model are columns",
  "The password is 12 characters long. Tokens: 1,234,567. https://example.org:8080/a@b",
  "x = 2 * k; secret_number = 42",
])("words and code stay: %s", (text) => expect(redacted(text)).toBe(text));

test("no text of the benchmarks changes", (context) => {
  const data = join(packageRoot, "..", "shared", "data");
  const folders = [join(packageRoot, "benchmarks", "samples"), ...(existsSync(data) ? [data] : [])];
  if (folders.length < 2) context.annotate("../shared/data is not here: only our own samples are read");
  for (const folder of folders)
    for (const file of readdirSync(folder)) {
      const text = readFileSync(join(folder, file), "utf8");
      expect(redacted(text) === text, file).toBe(true);
    }
});

test("time is linear in the text, whatever it repeats", () => {
  for (const unit of [
    "a",
    "sk-",
    "sk_a-",
    "eyJaaaaaaaaaa.",
    "Bearer ",
    "api_key=",
    "://a:",
    "hf_",
    "token ",
  ]) {
    const began = performance.now();
    redacted(unit.repeat(1_000_000 / unit.length));
    expect(performance.now() - began, unit).toBeLessThan(2000);
  }
});

test("the keys of this process go, wherever they stand in a value", () => {
  process.env.SOME_API_KEY = "own/canary value";
  process.env.OTHER_TOKEN = "password"; // a placeholder, which is also a word
  const value = { "own/canary value": [{ deep: "x own/canary value y" }, 7, null, "password"] };
  expect(redactedDeep(value)).toEqual({ "[key]": [{ deep: "x [key] y" }, 7, null, "password"] });
  delete process.env.SOME_API_KEY;
  delete process.env.OTHER_TOKEN;
});

test("what has no key in it is the very same value", () => {
  const task = { question: "What is 2 + 2?" };
  expect(keptOut(task, "the question")).toBe(task);
});
