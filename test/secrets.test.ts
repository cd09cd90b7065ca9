import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { packageRoot } from "../paths.ts";
import { redact, redactJson, redactJsonText, registerKeyVariable } from "../secrets.ts";
import honest from "./honest-texts.json" with { type: "json" };
import { fakeKeys } from "./keys.ts";

const env = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
});

test.each(fakeKeys)(
  "a key of %s goes, whatever stands around it",
  { tags: ["attack:redaction"] },
  (_, key) => {
    const around = [
      `${key}`,
      `before ${key} after`,
      `key="${key}", next`,
      `Bearer ${key}.`,
      `my_key_${key}`,
      `a\n${key}\nb`,
      JSON.stringify({ deep: JSON.stringify({ a: `x\n${key}\ty` }) }),
      `?key=%22${key}&b`,
      `\u001b[31m${key}\u001b[0m`,
      `${key},${key}`,
    ];
    for (const text of around) {
      expect(redact(text)).toContain("[key]");
      expect(redact(text)).not.toContain(key);
      expect(redact(text)).not.toContain(key.slice(8));
    }
  },
);

const lines = honest.identifiers.flatMap((name) => honest.lines.map((line) => line.replaceAll("{}", name)));
const texts = [...honest.texts, ...lines];

test("200 honest texts stay as they are", () => {
  expect(new Set(texts).size).toBeGreaterThanOrEqual(200);
  expect(texts.filter((text) => redact(text) !== text)).toEqual([]);
  const all = { texts, nested: [{ joined: texts.join("\n") }] };
  expect(redactJson(all)).toBe(all);
});

test("no text of the benchmarks and none of our sources changes", (context) => {
  const data = join(packageRoot, "..", "shared", "data");
  const folders = [join(packageRoot, "benchmarks", "samples"), join(packageRoot, "prompts")];
  if (existsSync(data)) folders.push(data);
  else context.annotate("../shared/data is not here: only our own samples are read");
  for (const folder of folders)
    for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())) {
      const text = readFileSync(join(folder, name), "utf8");
      expect(redact(text) === text, name).toBe(true);
    }
});

test("time is linear in the text, whatever it repeats", () => {
  const marks = fakeKeys.flatMap(([, key]) => [key.slice(0, 4), key.slice(0, 8)]);
  const others = ["a", "1", "A", ".", "M.", "xoxb-1", ":AA", "==", "Q~", "JQQJ9", "secret_access_key="];
  const key = "-----BEGIN PRIVATE KEY-----";
  for (const unit of new Set([...marks, ...others, key, "/", "%41", "\\u0041"])) {
    const began = performance.now();
    redact(unit.repeat(300_000 / unit.length));
    expect(performance.now() - began, unit).toBeLessThan(1000);
  }
});

test.each([
  ["OPENAI_API_KEY", "own/canary value"],
  ["OPENAI_API_KEY_2", "own-canary-2"],
  ["OPENAI_API_KEY2", "own-canary-3"],
  ["MY_TOKEN", "10-canary-20"],
  ["DB_PASSPHRASE", "correct horse battery canary"],
  ["DB_PASSWORD", 'quoted "canary" \\ here'],
  ["PGPASSWORD", "canary.pg"],
  ["SIGNING_SECRET", "canary+/=="],
  ["aws_secret_access_key", "CANARY1234"],
  ["SERVICE_CREDENTIALS", "schlüssel-canary"],
  ["GITHUB_PAT", "an-own-canary"],
])("the value of %s goes", { tags: ["attack:redaction"] }, (name, value) => {
  process.env[name] = value;
  expect(redact(`x ${value} y`)).toBe("x [key] y");
  const json = JSON.stringify({ [value]: [{ deep: `x${value}y` }, 7, null] });
  expect(JSON.parse(redactJsonText(json))).toEqual({ "[key]": [{ deep: "x[key]y" }, 7, null] });
});

test("a variable that a catalog names is a key's, whatever it is called", () => {
  process.env.LLM_AUTH = "canary of the catalog";
  expect(redact("canary of the catalog")).toBe("canary of the catalog");
  registerKeyVariable("LLM_AUTH");
  expect(redact("canary of the catalog")).toBe("[key]");
});

test("placeholders, paths and other variables are no keys; the password of an address is one", () => {
  process.env.OTHER_TOKEN = "password";
  process.env.SOME_KEY = "short1";
  process.env.HF_TOKEN_PATH = "/home/someone/token";
  process.env.MY_DATABASE_URL = "postgres://someone:canary-word@host.example/base";
  expect(redact("password short1 /home/someone/token someone host.example")).toBe(
    "password short1 /home/someone/token someone host.example",
  );
  expect(redact("at postgres://someone:canary-word@host.example")).toBe(
    "at postgres://someone:[key]@host.example",
  );
});

test("of two keys the longer goes first, and one that stands twice goes twice", () => {
  process.env.A_KEY = "canary-one";
  process.env.B_KEY = "canary-one-and-more";
  expect(redact("canary-one-and-more canary-one canary-one")).toBe("[key] [key] [key]");
});

test("any JSON value: the same where there is no key, else a copy", () => {
  const [, key] = fakeKeys[0]!;
  const shared = { said: `it is ${key}` };
  const value = { a: [shared, shared], when: new Date(0), bytes: new Uint8Array(2), none: undefined };
  const clean = redactJson(value);
  expect(clean).toEqual({
    ...value,
    a: [{ said: "it is [key]" }, { said: "it is [key]" }],
    when: new Date(0).toJSON(),
  });
  expect(value.a[0]?.said).toContain(key);
  const own = JSON.parse(`{"__proto__": {"x": "${key}"}}`);
  expect(JSON.stringify(redactJson(own))).toBe('{"__proto__":{"x":"[key]"}}');
  const circle: Record<string, unknown> = { key };
  circle.self = circle;
  const turned = redactJson(circle);
  expect(turned.key).toBe("[key]");
  expect(turned.self).toBe(turned);
  const message = { toJSON: () => ({ content: key }) };
  expect(redactJson({ message })).toEqual({ message: { content: "[key]" } });
  for (const same of ["text", 7, null, undefined, { message: { toJSON: () => ({ content: "hello" }) } }])
    expect(redactJson(same)).toBe(same);
});
