import { problemText } from "../../datasets/curate/problem.ts";
import { generator } from "../../evals/stats/generator.ts";
import type { ResolvedTask } from "../../state/task.ts";

/** A problem with its answer, a solver's reply that is right, and, of some, a critic's word on a solution. */
export interface Problem {
  task: ResolvedTask;
  /** As a row of the benchmark `own` states it; null for concepts, where the text is scored by its words. */
  answer: string | null;
  reply: string;
  critique?: { solution: string; agree: boolean; objections: string };
}

const names = ["Ana", "Ben", "Carla", "Dev", "Elif", "Femi", "Gita", "Hugo", "Ines", "Jun"];
const things = ["apples", "books", "coins", "pens", "shells", "stamps", "cards", "marbles"];
const animals = ["dog", "cat", "horse", "bird", "goat", "fox", "duck", "rabbit"];
const verbs = ["run", "sleep", "play", "wait", "rest", "hide", "jump", "walk"];
const places = ["river", "garden", "house", "forest", "beach", "road", "barn", "hill"];
const objects = ["ball", "stick", "hat", "rope", "leaf", "bone", "basket", "stone"];

type RandomInteger = (least: number, most: number) => number;

function sum(integer: RandomInteger, pick: <T>(of: readonly T[]) => T): Problem {
  const [name, thing] = [pick(names), pick(things)];
  const [form, wrongBy] = [integer(0, 2), integer(0, 1) * integer(1, 9)];
  const a = form === 2 ? integer(2, 9) : integer(10, 60);
  const b = form === 2 ? integer(2, 9) : integer(2, form === 1 ? a - 1 : 39);
  const [sign, right, question] = (
    [
      ["+", a + b, `${name} has ${a} ${thing} and gets ${b} more. How many ${thing} does ${name} have now?`],
      ["-", a - b, `${name} has ${a} ${thing} and gives ${b} away. How many ${thing} are left?`],
      ["*", a * b, `${name} has ${a} boxes with ${b} ${thing} in each. How many ${thing} are there in all?`],
    ] as const
  )[form]!;
  const solution = (result: number) => `${a} ${sign} ${b} = ${result}\n\\boxed{${result}}`;
  const stated = right + wrongBy;
  return {
    task: { kind: "math", question },
    answer: String(right),
    reply: solution(right),
    critique: {
      solution: solution(stated),
      agree: stated === right,
      objections: stated === right ? "" : `${a} ${sign} ${b} is ${right}, not ${stated}.`,
    },
  };
}

function largest(integer: RandomInteger, pick: <T>(of: readonly T[]) => T): Problem {
  const word = pick(["largest", "smallest"]);
  const numbers = new Set<number>();
  while (numbers.size < 4) numbers.add(integer(10, 99));
  const all = [...numbers];
  const right = word === "largest" ? Math.max(...all) : Math.min(...all);
  const letter = String.fromCharCode(65 + all.indexOf(right));
  return {
    task: { kind: "choice", question: `Which of these numbers is the ${word}?`, choices: all.map(String) },
    answer: letter,
    reply: `The ${word} number is ${right}.\nAnswer: ${letter}`,
  };
}

function sentence(_: RandomInteger, pick: <T>(of: readonly T[]) => T): Problem {
  const [animal, verb, place, object] = [pick(animals), pick(verbs), pick(places), pick(objects)];
  return {
    task: {
      kind: "concepts",
      question: "Write a sentence that uses every word of the list.",
      concepts: [animal, object, place, verb].sort(),
    },
    answer: null,
    reply: `The ${animal} with the ${object} likes to ${verb} near the ${place}.`,
  };
}

const makers = [sum, sum, largest, sentence];

/** So many problems, no two alike; the same seed gives the same ones. A critic speaks on every other sum. */
export function problems(count: number, seed: number): Problem[] {
  const random = generator(seed);
  const integer: RandomInteger = (least, most) => least + Math.floor(random() * (most - least + 1));
  const pick = <T>(of: readonly T[]): T => of[integer(0, of.length - 1)]!;
  const made = new Map<string, Problem>();
  while (made.size < count) {
    const { critique, ...problem } = makers[made.size % makers.length]!(integer, pick);
    const spoken = critique && made.size % (2 * makers.length) === 0;
    made.set(problemText(problem.task), { ...problem, ...(spoken && { critique }) });
  }
  return [...made.values()];
}
