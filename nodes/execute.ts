import { z } from "zod";
import { coverage } from "../answers/concepts.ts";
import { outputRoom } from "../models/catalog.ts";
import { ContextOverflow, OutOfBudget, UnparsableReply } from "../models/errors.ts";
import { generateObject } from "../models/generate-object.ts";
import type { OutputSchema } from "../models/structured.ts";
import { sandbox } from "../sandbox/pool.ts";
import { bestCandidateOf } from "../state/best-candidate.ts";
import { type Candidate, candidatesOf } from "../state/candidate.ts";
import type { ResolvedTask } from "../state/task.ts";
import { needsCheck } from "./checkable.ts";
import type { NodeContext, RunningState } from "./node-context.ts";
import { nodePrompt, repairPrompt } from "./prompt.ts";
import { stage } from "./stage.ts";

const Tests = z.object({ tests: z.array(z.string()) });
const testsForm: OutputSchema<z.infer<typeof Tests>> = { name: "tests", schema: Tests };

/**
 * Checks what can be checked without a model: concept coverage, and the task's own public tests, in the sandbox. Only
 * these verify. Where the CEO asks to run code that has no public tests, an expert writes some: they are evidence.
 */
export const execute = stage("execute", async (state, context) => {
  const { task, decisions } = state;
  const { step } = context;
  const open = candidatesOf(state).filter((candidate) => needsCheck(candidate, task));
  if (task.kind !== "code")
    return { candidates: open.map((candidate) => conceptCheck(candidate, task, step)) };
  if (task.tests)
    return {
      candidates: await Promise.all(
        open.map((candidate) => testCheck(candidate, task.tests!, task, context)),
      ),
    };
  const best = bestCandidateOf(state)?.candidate;
  if (!best || best.check || decisions.at(-1)?.applied.action !== "execute") return {};
  const tests = await writeTests(best, state, context);
  if (typeof tests === "string")
    return {
      candidates: [
        { id: best.id, check: { step, passed: null, score: 0, detail: `not executed: ${tests}` } },
      ],
    };
  const { id, check } = await testCheck(best, tests, task, context);
  const detail = check.detail.replace("public tests", "tests that the team wrote");
  return { candidates: [{ id, check: { ...check, detail } }] };
});

function conceptCheck({ id, answer }: Candidate, { concepts = [] }: ResolvedTask, step: number) {
  const { covered, missing, share } = coverage(answer, concepts);
  const lack = missing.length > 0 ? `; missing: ${missing.join(", ")}` : "";
  const detail = `uses ${covered.length} of ${concepts.length} words${lack}`;
  return { id, check: { step, passed: missing.length === 0, score: share, detail } };
}

/** What the sandbox said is data: short, on one line. */
const short = (text: string) => text.replace(/\s+/g, " ").trim().slice(0, 200);

async function testCheck(
  { id, answer }: Candidate,
  tests: string[],
  task: ResolvedTask,
  { settings, signal, step }: NodeContext,
) {
  const outcome = await sandbox.check({
    candidate: answer,
    tests,
    ...(task.entryPoint && { entryPoint: task.entryPoint }),
    ...(settings.sandbox && { backend: settings.sandbox }),
    ...(signal && { signal }),
  });
  const { verdict, passed, total, backend } = outcome;
  if (verdict === "refused")
    return { id, check: { step, passed: null, score: 0, detail: `not executed: ${short(outcome.detail)}` } };
  const why = verdict === "passed" ? "" : `; ${verdict}: ${short(outcome.detail)}`;
  const detail = `passes ${passed} of ${total} public tests in the sandbox (${backend})${why}`;
  const check = {
    step,
    passed: task.tests ? verdict === "passed" : null,
    score: total > 0 ? passed / total : 0,
    detail,
  };
  return { id, check };
}

/** Tests that a model writes from the problem alone, or why there are none. */
async function writeTests(
  { answer }: Candidate,
  { task }: RunningState,
  context: NodeContext,
): Promise<string[] | string> {
  const names = [...answer.matchAll(/^(?:async )?(?:def|class) +(\w+ *(?:\([^)\n]*\))?)/gm)].map(
    ([, name]) => name,
  );
  if (names.length === 0) return "the code defines nothing that could be tested";
  const call = await context.callContext();
  const { messages, prompt } = nodePrompt("execute", task, context.settings, call.model.entry, {
    values: { names: names.join(", ") },
  });
  try {
    const options = { maxTokens: outputRoom(call.model.entry, 500), minTokens: 64, prompt };
    const { value } = await generateObject(call, messages, options, testsForm, repairPrompt);
    const tests = value.tests.filter((test) => test.trim() !== "");
    return tests.length > 0 ? tests.slice(0, 12) : "no tests were written";
  } catch (error) {
    if (error instanceof OutOfBudget) return "the budget does not hold the tests";
    if (error instanceof UnparsableReply || error instanceof ContextOverflow) return error.message;
    throw error;
  }
}
