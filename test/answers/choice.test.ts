import { describe, expect, test } from "vitest";
import { extract } from "../../answers/choice.ts";

const choices = ["copper", "a noble gas", "liquid water", "iron oxide"];
const numbers = ["1.5 m/s", "3.0 m/s", "4.5 m/s", "6.0 m/s"];
const chosen = (reply: string, of = choices) => extract(reply, { choices: of }).answer;
const tex = String.raw;

describe("a statement that it is the answer", () => {
  test.each([
    ["Answer: C", "C"],
    ["Answer is C", "C"],
    ["Final answer - C", "C"],
    ["ANSWER — C", "C"],
    ["Answer => C", "C"],
    ["Ans: (C)", "C"],
    ["Ans C", null],
    ["**Final Answer**\n\nC", "C"],
    ["## Answer\n\n**C) liquid water**", "C"],
    ["The answer, after all, is C.", "C"],
    ["The answer to this question is therefore C.", "C"],
    ["The correct answer appears to be option (C).", "C"],
    ["The best choice would be C.", "C"],
    ["The right option is most likely C, liquid water.", "C"],
    ["My pick: C", "C"],
    ["So the correct letter is C", "C"],
    ["The answer is not B but D.", "D"],
    ["The answer isn't B; it is D.", "D"],
    ["The answer can only be D", "D"],
    ["Answer: d", "D"],
    ["answer: (d)", "D"],
    ["The answer is (d).", "D"],
    ["Answer: A", "A"],
    ["Answer: A.", "A"],
    ["Answer: A copper", "A"],
    ["Answer: A because it conducts.", "A"],
    ["Answer: A (copper)", "A"],
    ["Answer: A noble metal conducts, but it is liquid that flows.", null],
    ["Answer: A metal like this must be D.", "D"],
    ["The answer is A noble gas.", "B"],
    ["The answer is in the table.", null],
    ["Answer: copper", "A"],
    ["Answer: The liquid water.", "C"],
    ["Answer: iron oxide (D)", "D"],
    ["The answer is: iron oxide", "D"],
    ["Answer: B or C", null],
    ["Answer: B and C", null],
    ["Is the answer B?", null],
    ["If the answer is B, then the gas would burn.", null],
    ["Answer: B\n\nWait, that ignores pressure. Actually, C is correct.", "C"],
    ["Answer: B\nCertainty: A", "B"],
    ["Answer: E", null],
    ["Answer: 5", null],
    ["Answer: Copper-free metals", null],
    ["Option D is my answer.", "D"],
    ["I'd go with D.", "D"],
    ["We pick option D here.", "D"],
    ["So we should select (D).", "D"],
    ["My reasoning leads to D.", "D"],
    ["Thus D.", "D"],
    ["Therefore, it must be D", "D"],
    ["Hence the answer: D", "D"],
    ["So, D it is.", "D"],
    ["In conclusion, option D.", "D"],
    ["D is the best answer.", "D"],
    ["D, iron oxide, is the correct choice.", "D"],
    ["Only D fits.", "D"],
    ["That leaves only D.", "D"],
    ["A is the correct option.", "A"],
    ["A is correct, the rest is wrong.", "A"],
    ["I think A.", null],
    ["Vitamin D is the best answer to rickets.", null],
  ])("%s: %s", (reply, letter) => {
    expect(chosen(reply)).toBe(letter);
  });
});

describe("in other languages", () => {
  test.each([
    "答案是 C",
    "答案为C。",
    "正确答案：C",
    "**正确答案是：C**",
    "最终答案：（C）",
    "综上，选C。",
    "所以应选 C",
    "因此选择C选项。",
    "故答案为：C．",
    "選項 C 正確",
    "C是正确的。",
    "因此，正确选项是C",
    "Die richtige Antwort ist C.",
    "Die Antwort lautet: C",
    "Antwort C ist richtig.",
    "Richtige Antwort: C) liquid water",
    "La respuesta correcta es C.",
    "La respuesta correcta es la C.",
    "La opción correcta es la C",
    "La opción C es correcta.",
    "La réponse est C.",
    "La bonne réponse est la C.",
    "Réponse correcte : C",
    "A resposta correta é C.",
    "A resposta é a letra C.",
    "Gabarito: C",
    "La risposta corretta è C.",
    "Risposta: C",
    "Het juiste antwoord is C.",
    "Правильный ответ: C",
    "Правильный ответ — C.",
    "Ответ: С",
    "Відповідь: C",
    "Odpowiedź: C",
    "Poprawna odpowiedź to C",
    "Cevap: C",
    "Doğru cevap: C",
    "Jawaban: C",
    "Jawaban yang benar adalah C.",
    "Đáp án: C",
    "Đáp án đúng là C.",
    "정답: C",
    "정답은 C입니다.",
    "答え: C",
    "答えはCです。",
    "正解はCです。",
    "उत्तर: C",
    "सही उत्तर: C",
    "الإجابة: C",
    "الإجابة الصحيحة هي C",
    "คำตอบ: C",
    "Svar: C",
    "Απάντηση: C",
    "תשובה: C",
    "Răspuns: C",
  ])("%s", (reply) => {
    expect(chosen(reply)).toBe("C");
  });
  test.each(["不选C，因为太冷。", "La opción C no es correcta.", "Option C ist falsch.", "选项C错误。"])(
    "denied: %s",
    (reply) => {
      expect(chosen(reply)).toBeNull();
    },
  );
});

describe("tags, fields and boxes", () => {
  test.each([
    ["<answer>B</answer>", "B"],
    ["<answer> (B) </answer>", "B"],
    ["<answer>B. a noble gas</answer>", "B"],
    ["<answer>a noble gas</answer>", "B"],
    ["<answer>The answer is B.</answer>", "B"],
    ["A and C are wrong.\n<answer>\nB", "B"],
    ['{"answer": "B"}', "B"],
    ['```json\n{"reasoning": "C is wrong", "answer": "B"}\n```', "B"],
    ['{"choice": "B", "confidence": 0.7}', "B"],
    ['{"final_answer": "B) a noble gas"}', "B"],
    ['{"answer": "a noble gas"}', "B"],
    ["{'answer': 'B'}", "B"],
    ['Here it is:\n{"answer_letter": "b"}', "B"],
    [tex`\boxed{B}`, "B"],
    [tex`\boxed{(B)}`, "B"],
    [tex`\boxed{\text{B}}`, "B"],
    [tex`\boxed{\mathbf{B}}`, "B"],
    [tex`$\boxed{\text{B. a noble gas}}$`, "B"],
    [tex`\boxed{\text{a noble gas}}`, "B"],
    [tex`\boxed{a\ noble\ gas}`, "B"],
    [tex`\boxed{b}`, "B"],
    [tex`First \boxed{A}. No: \boxed{B}`, "B"],
    [tex`\boxed{42}`, null],
  ])("%s: %s", (reply, letter) => {
    expect(chosen(reply)).toBe(letter);
  });
  test.each([
    [tex`\boxed{3.0\ \text{m/s}}`, "B"],
    [tex`\boxed{3.0 \, \mathrm{m/s}}`, "B"],
    [tex`\boxed{3.0}`, "B"],
    ["The speed is 3.0 m/s.", "B"],
    ["<answer>4.5 m/s</answer>", "C"],
    ["Answer: 4.5 m/s", "C"],
    ["Answer: 4.5", null],
    ["1.5 m/s + 3.0 m/s = 4.5 m/s", "C"],
  ])("%s: %s", (reply, letter) => {
    expect(chosen(reply, numbers)).toBe(letter);
  });
});

const list = (marks: string[], said: string[]) => marks.map((mark, at) => `${mark} ${said[at]}`).join("\n");
const opinions = [
  "copper conducts too well.",
  "a noble gas is no liquid.",
  "liquid water flows.",
  "iron oxide is solid.",
];
const shapes: [string, string[]][] = [
  ["X.", ["A.", "B.", "C.", "D."]],
  ["X)", ["A)", "B)", "C)", "D)"]],
  ["(X)", ["(A)", "(B)", "(C)", "(D)"]],
  ["**X.**", ["**A.**", "**B.**", "**C.**", "**D.**"]],
  ["- X:", ["- A:", "- B:", "- C:", "- D:"]],
  ["Option X:", ["Option A:", "Option B:", "Option C:", "Option D:"]],
  ["**Option X**:", ["**Option A**:", "**Option B**:", "**Option C**:", "**Option D**:"]],
  ["### X.", ["### A.", "### B.", "### C.", "### D."]],
  ["1. **X)**", ["1. **A)**", "2. **B)**", "3. **C)**", "4. **D)**"]],
];

describe.each(shapes)("going through the options as %s", (_, marks) => {
  test.each([
    ["The answer is C.", "C"],
    ["So C is correct.", "C"],
    ["Therefore, (C).", "C"],
    ["Hence liquid water.", "C"],
    ["Only option C remains.", "C"],
    ["C", "C"],
    ["**C**", "C"],
    ["**C) liquid water**", "C"],
    ["I cannot decide between them.", null],
    ["", null],
  ])("ends in %j: %s", (end, letter) => {
    expect(chosen(`Let me look at each option.\n\n${list(marks, opinions)}\n\n${end}`)).toBe(letter);
  });
  test("cut off while it lists", () => {
    expect(
      chosen(
        `Let us go through them.\n\n${list(marks.slice(0, 2), ["copper conducts too well.", "a noble gas could"])}`,
      ),
    ).toBeNull();
    expect(
      chosen(list(marks.slice(0, 3), ["copper conducts too well.", "a noble gas is no", "liquid water"])),
    ).toBeNull();
  });
  test("one is ticked", () => {
    const said = ["copper ❌", "a noble gas ❌", "liquid water ✅", "iron oxide ❌"];
    expect(chosen(list(marks, said))).toBe("C");
  });
  test("one is right, the others are wrong", () => {
    const said = [
      "incorrect, as it conducts.",
      "incorrect, it is no liquid.",
      "correct, as it flows.",
      "incorrect, it is solid.",
    ];
    expect(chosen(list(marks, said))).toBe("C");
  });
});

describe("a list that is cut anywhere chooses nothing, unless what stands is an option by itself", () => {
  const choices = ["Neutron stars", "White dwarfs", "Black holes", "Red giants"];
  const said = [
    "This does not fit the data.",
    "Its spectrum rules it out.",
    "It matches.",
    "It is too cool.",
  ];
  const each = (line: (letter: string, option: string, opinion: string, at: number) => string, join = "\n") =>
    choices.map((option, at) => line("ABCD"[at]!, option, said[at]!, at)).join(join);
  const lists: [string, string][] = [
    ["A) option: opinion", each((letter, option, opinion) => `${letter}) ${option}: ${opinion}`)],
    [
      "(a) option: opinion",
      each((letter, option, opinion) => `(${letter.toLowerCase()}) ${option}: ${opinion}`),
    ],
    ["A. option. opinion", each((letter, option, opinion) => `${letter}. ${option}. ${opinion}`)],
    ["A option. opinion", each((letter, option, opinion) => `${letter} ${option}. ${opinion}`)],
    [
      "**A) option** opinion",
      each((letter, option, opinion) => `**${letter}) ${option}**\n${opinion}`, "\n\n"),
    ],
    [
      "1. **A: option** - opinion",
      each((l, option, opinion, at) => `${at + 1}. **${l}: ${option}** - ${opinion}`),
    ],
    ["- Option A: option", each((letter, option, opinion) => `- Option ${letter}: ${option}. ${opinion}`)],
    ["For option A:", each((letter, option, opinion) => `For option ${letter}: ${option}. ${opinion}`)],
    ["Looking at A,", each((letter, option, opinion) => `Looking at ${letter}, ${option}: ${opinion}`, " ")],
    ["A is option, and", each((letter, option, opinion) => `${letter} is ${option}, and ${opinion}`, " ")],
    [
      "between (A) option,",
      `We choose between ${each((letter, option) => `(${letter}) ${option}`, ", ")}. The radius`,
    ],
  ];
  const whole =
    /^\W*(?:\d\. )?(?:For |Looking at |We choose between )?\W*(?:Option )?\(?A\W*(?:is )?\W*(?:Neutron stars)?\W*$/i;
  test.each(lists)("%s", (_, list) => {
    const credited = [...list].flatMap((__, at) => {
      const cut = list.slice(0, at + 1);
      const { answer } = extract(cut, { choices });
      return answer === null || answer === "C" || whole.test(cut) ? [] : [`${answer}: ${cut}`];
    });
    expect(credited).toEqual([]);
  });
  test("an option with its reason is an answer", () => {
    for (const reply of [
      "A) Neutron stars, because they pulse.",
      "A. Neutron stars. They pulse.",
      "A) Neutron stars",
    ])
      expect(extract(reply, { choices }).answer).toBe("A");
  });
});

describe("the answer first", () => {
  test.each([
    ["C. liquid water\n\nA. is wrong: copper is solid.\nB. is a gas.\nD. is solid.", "C"],
    ["(C) liquid water\n\n(A) is solid, (B) a gas, (D) solid.", "C"],
    ["C\n\nA is solid and B is a gas.", "C"],
    ["C) liquid water. Unlike (A), it flows.", "C"],
    ["C: it flows.", "C"],
    ["C since it flows", "C"],
    ["C — liquid water", "C"],
    ["**C**\n\n**Why not the others?**\n- **A**: solid\n- **B**: gas", "C"],
    ["A. copper\n\nExplanation:\nB. is a gas.\nC. is no metal.\nD. is an oxide.", "A"],
    ["B is correct. A is solid; C, D are no gases.", "B"],
    ["Answer: B. The others fail: (A) conducts, (C) flows, (D) rusts.", "B"],
    ["The answer is B.\n\n- **A** conducts\n- **C** flows\n- **D** rusts", "B"],
    ["A copper wire conducts, so nothing follows", null],
    ["A and B are both possible.", null],
    ["I see no answer.", null],
    ["C is wrong.", null],
  ])("%s: %s", (reply, letter) => {
    expect(chosen(reply)).toBe(letter);
  });
});

describe("named in passing", () => {
  test.each([
    ["C is right, D is wrong.", "C"],
    ["D is wrong, C is right.", "C"],
    ["A is incorrect, B is incorrect, and D is incorrect. C is correct.", "C"],
    ["Options A, B and D can be ruled out, which leaves option C.", "C"],
    ["It flows and is a liquid, which is option C.", "C"],
    ["It flows, so it is **C**.", "C"],
    ["I rule out B.", null],
    ["B might be correct.", null],
    ["Perhaps B is correct?", null],
    ["We compare A (copper), B (a noble gas), C (liquid water) and D (iron oxide)", null],
    ["Rather than copper it is iron oxide.", "D"],
    ["It is iron oxide, not copper.", "D"],
    ["It is not copper.", null],
    ["Copper is solid, and iron oxide could be", null],
  ])("%s: %s", (reply, letter) => {
    expect(chosen(reply)).toBe(letter);
  });
});

test("a reply that goes on with another question answered the first", () => {
  expect(chosen("Answer: B\n\nQuestion: What is next?\nA. x\nB. y\nAnswer: D")).toBe("B");
});

test("ten options", () => {
  const ten = Array.from({ length: 10 }, (_, at) => `value ${at}`);
  expect(chosen("The answer is (I).", ten)).toBe("I");
  expect(chosen("Answer: J", ten)).toBe("J");
  expect(chosen("I think that it is value 3.", ten)).toBe("D");
});
