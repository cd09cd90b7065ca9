import type { Reporter, TestModule } from "vitest/node";

/** Parts that are attacked, each a tag of the tests that attack it. */
export const attacked = {
  "attack:sandbox": "programs that reach for the host, or eat it up",
  "attack:verdict": "answers and verdicts that are forged",
  "attack:terminal": "texts that command a terminal",
  "attack:quoting": "texts that mean something to the page, card or prompt they stand in",
  "attack:guard": "pages and programs that call a server of this machine",
  "attack:lock": "locks that are stolen or dead, files that are damaged",
  "attack:redaction": "keys in what a run leaves",
  "attack:money": "servers that lie about what they cost, or run over",
  "attack:reply": "replies and refusals that no API describes",
};
export type Attacked = keyof typeof attacked;

/** Prints how many attacks ran on each part, and how many of them got through. */
export default class AttackCount implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, { ran: number; through: number }>();
    for (const module of modules)
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "passed" && state !== "failed") continue;
        for (const tag of test.tags.filter((tag) => tag in attacked)) {
          const count = counts.get(tag) ?? { ran: 0, through: 0 };
          count.ran++;
          if (state === "failed") count.through++;
          counts.set(tag, count);
        }
      }
    for (const [tag, { ran, through }] of counts)
      console.log(`${tag.replace("attack:", "attacks on ")}: ${ran} ran, ${through} got through`);
    const all = [...counts.values()].reduce((sum, { ran }) => sum + ran, 0);
    if (counts.size > 1) console.log(`attacks in all: ${all} ran`);
  }
}
