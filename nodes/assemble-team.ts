import type { Plan } from "../state/decision.ts";
import type { Expert } from "../state/discussion.ts";

const standIns = [
  "Domain Expert",
  "Skeptic",
  "Logician",
  "Generalist",
  "Analyst",
  "Practitioner",
  "Teacher",
  "Reviewer",
];

const clean = (text: string, most: number) =>
  text
    .replace(/[\s<>"]+/g, " ")
    .trim()
    .slice(0, most);

/** Exactly as many experts as planned, with distinct names: those named, then those the CEO wanted, then stand-ins. */
export function assembleTeam(
  named: { name: string; expertise: string }[],
  plan: Pick<Plan, "experts" | "assignments">,
): Expert[] {
  const wanted = plan.assignments.map(({ expert, focus }) => ({ name: expert, expertise: focus }));
  const found = new Map<string, Expert>();
  for (const { name, expertise } of [
    ...named,
    ...wanted,
    ...standIns.map((name) => ({ name, expertise: "" })),
  ]) {
    const tidy = clean(name, 60);
    const key = tidy.toLowerCase();
    if (!/\p{L}/u.test(tidy) || found.has(key) || found.size >= plan.experts) continue;
    const focus = plan.assignments.find(({ expert }) => expert.toLowerCase() === key)?.focus ?? "";
    found.set(key, { name: tidy, expertise: clean(expertise, 160), focus });
  }
  while (found.size < plan.experts) {
    const name = `Expert ${found.size + 1}`;
    found.set(name, { name, expertise: "", focus: "" });
  }
  return [...found.values()];
}
