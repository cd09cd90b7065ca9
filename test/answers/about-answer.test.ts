import { describe, expect, test } from "vitest";
import * as choice from "../../answers/choice.ts";
import * as math from "../../answers/math.ts";
import * as open from "../../answers/open.ts";

const tex = String.raw;

describe("prose about an answer announces none: math", () => {
  test.each([
    // It says where an answer that was given comes from.
    [
      "So, the answer is `Answer: 7.`\n\nThe above answer is the result of the2 operations that were done.",
      "7",
    ],
    ["Answer: 7\n\nThe above answer is the result of the two operations.", "7"],
    ["Answer: 7\nThis answer is the result of adding 3 and 4.", "7"],
    ["Answer: 7\nThe answer is obtained by adding 3 and 4.", "7"],
    ["Answer: 7\nThe answer is derived from the sum of 3 and 4.", "7"],
    ["Answer: 7\nThe answer was found by counting up from 3.", "7"],
    ["The answer is 7. The answer is calculated using the rule for sums of 2 numbers.", "7"],
    ["Answer: 7\nThe answer is based on the 2 numbers in the question.", "7"],
    ["Answer: 7\nThe answer above is simply computed from 3 and 4.", "7"],
    ["Answer: 7\nThat answer is reached by adding 3 to 4.", "7"],
    ["Answer: 7\nThe answer is given in step 2.", "7"],
    ["Answer: 7\nThe final answer is shown above in 2 forms.", "7"],
    ["Answer: 7\nThe answer is obtained from $3 + n$ with $n = 4$.", "7"],
    ["We have 3 + 4 = 7.\n\nThe answer is obtained by adding.", "7"],
    ["The answer is obtained by adding 3 and 4, which gives 7.", "7"],
    // It judges one.
    ["Answer: 7\nThis answer is correct because 7 - 4 = 3.", "7"],
    ["Answer: 7\nThe answer is correct.", "7"],
    ["Answer: 7\nThe above answer is right, as 7 - 4 is 3.", "7"],
    ["The answer is 7. The answer is reasonable, since it is more than 4.", "7"],
    ["Answer: 7\nThe answer is consistent with the 2 numbers that were given.", "7"],
    ["Answer: 7\n\nI checked: this answer is valid for n = 3.", "7"],
    ["The answer is 7.\n\nMy answer is not wrong, for 3 is less than 4.", "7"],
    ["答案是7。这个答案是正确的。", "7"],
    ["答案是7。答案是通过把3和4相加得到的。", "7"],
    ["Die Antwort ist 7. Diese Antwort ist richtig, weil 7 - 4 = 3.", "7"],
    ["La respuesta es 7. Esta respuesta es correcta porque 7 - 4 = 3.", "7"],
    ["La réponse est 7. Cette réponse est obtenue en ajoutant 4 à 3.", "7"],
    ["Ответ: 7. Этот ответ является верным.", "7"],
    // It names one that no longer holds, or never did.
    ["The answer is 7. My previous answer was 12.", "7"],
    ["The answer is 7 (my earlier answer was 12).", "7"],
    ["The answer is 7. The answer I gave before was 12.", "7"],
    ["The correct answer is 7. A common wrong answer is 12.", "7"],
    ["The answer is 7. The initial answer of 12 was wrong.", "7"],
    ["My previous answer was wrong. It is 7.", "7"],
    ["The answer is 7. If the answer were 12, the sum would be even; if the answer is 12, 3 is 8.", "7"],
    ["The answer is 7. One might think that the answer is 12.", "7"],
    ["Answer: 7\nTo see whether the answer is 7 or 8, count from 3.", "7"],
    ["The answer is not 12 but 7.", "7"],
    // It says what form one has.
    ["Answer: 7\nThe answer is in meters.", "7"],
    ["The answer choices are 5, 6, 7 and 8. We add: 3 + 4 = 7", "7"],
    ["Answer: 7\nThe answer should be in the form of a number from 0 to 999.", "7"],
    ["Answer: 7\nThe answer is expected to be a number.", "7"],
    // The value is somewhere in its words.
    ["**Answer: 42**\n\nThe answer above is the outcome of multiplying 6 by 7.", "42"],
    ["Answer: 42\n\nThis answer was obtained by multiplying the 2 numbers together.", "42"],
    ["The answer is 42.\n\nThe answer was derived by the following 3 steps:", "42"],
    ["Final answer: 42. Your previous answer was 40, which missed 2.", "42"],
    ["The answer is 42.\nThe given answer is incorrect because it forgets 2 of them.", "42"],
    ["I get 42. So this answer is correct, and the one of 40 isn't. The answer is 42.", "42"],
    ["Answer: 42\nThe answer is found in the last line of step 3.", "42"],
    ["Answer: 42\nThe answer is verified by dividing by 7.", "42"],
    ["Answer: 42\nThe answer can be found by counting in 7s.", "42"],
    ["Answer: 42\nThis answer makes sense because 6 is below 7.", "42"],
    ["Answer: 42\nYour answer is wrong, as you counted 6 as 5.", "42"],
    ["Answer: 42\nTherefore, the answer is correct to 2 decimal places.", "42"],
    ["Answer: 42\nNote: the answer is rounded to 2 digits.", "42"],
    ["Answer: 42\nThe correct answer was already stated above in step 3.", "42"],
    ["Answer: 42\nThe answer to part 1 is used in part 2.", "42"],
    ["Answer: 42\nThe answer is important for the next 2 questions.", "42"],
    ["The answer is 42, because the answer is always the product of 6 and 7.", "42"],
    ["The answer is 42. The answer is what you get when you multiply 6 by 7.", "42"],
    ["The answer is 42. The answer is a whole number between 40 and 50.", "42"],
    ["The answer is 42. The answer is explained in the 2 lines above.", "42"],
    ["The answer is 42. An earlier answer was 40.", "42"],
    ["The answer is 42. If your answer is 40, count again.", "42"],
    ["#### Solution\nThe answer is 7.\n\nThe answer can be checked: 7 - 3 is 4.", "7"],
    ["Answer: 7 apples\n\nThe answer was arrived at by adding 3 to 4.", "7"],
    ["Answer: 7\nThe answer is the number of apples in the 2 baskets.", "7"],
    ["Answer: 7\nThis is the correct answer. The answer is not 3 or 4.", "7"],
    ["Answer: 7\nThe answer is based upon 3 facts.", "7"],
    ["Answer: 7\nThe answer is also given on page 12.", "7"],
    ["Answer: 7\nMy answer is different from 8 because 8 is even.", "7"],
    ["Answer: 7\nThe first answer was wrong because I forgot to carry the 1.", "7"],
    ["Answer: 7\nThe answer is greater than 5, as expected.", "7"],
    ["Answer: 7\nHere the answer is an integer less than 10.", "7"],
    ["I am confident that the answer is 7. The answer is easy to check with 2 fingers.", "7"],
    ["The answer is 7. The reason the answer is 7 is that 3 + 4 is 7.", "7"],
    ["Some people think the answer is 8; the answer is 7.", "7"],
    ["The answer is 7.\n\nThe answer to the second question is left to you; it has 3 parts.", "7"],
    ["The answer is one of 5, 6 and 7. It's 7.", "7"],
    ["The answer is $7$. This answer is correct since $3 + 4 = 7$ and $4 < 5$.", "7"],
    ["The answer is $7$. This answer is obtained from $a = 3$, $b = 4$.", "7"],
    ["Die Antwort ist 7. Die Antwort wurde aus 3 und 4 berechnet.", "7"],
    ["La réponse est 7. Cette réponse est correcte car 7 - 4 = 3.", "7"],
    ["答案是7。以上答案是根据3和4计算出来的。", "7"],
  ])("%s", (reply, gold) => {
    const { answer } = math.extract(reply);
    expect([answer, math.equivalent(gold, answer ?? "")]).toEqual([answer, true]);
  });
});

describe("an answer is announced: math", () => {
  test.each([
    ["Then 3 + 4 comes first. The above answer is 7.", "7"],
    ["I had 12. This answer is 7.", "7"],
    ["I count 3, then 4. My answer is 7, as 3 < 4.", "7"],
    ["The answer is found to be 7, since 4 > 3.", "7"],
    ["The answer is calculated to be 7.", "7"],
    [tex`The answer is given by $\frac{1}{2}$.`, tex`\frac12`],
    [tex`The answer is given by $\frac{1}{2}$. We check with $x = 3$.`, tex`\frac12`],
    ["The answer is correctly stated as 7.", "7"],
    ["The final answer, obtained by adding 3 and 4, is 7.", "7"],
    ["The answer is the sum of 3 and 4, that is 7.", "7"],
    ["The answer is therefore 7. I used 2 numbers.", "7"],
    ["The answer was 7 all along; 12 was a slip.", "7"],
    ["The answer is as follows: 7", "7"],
    ["The answer is 42 and not 40.", "42"],
    ["The answer is 42 and we are done.", "42"],
    ["The answer is 42, thus the problem is solved.", "42"],
    ["The answer is 42 - which we checked.", "42"],
    ["The answer is 42, i.e. forty-two.", "42"],
    ["The answer is 42, or equivalently 84/2.", "42"],
    ["So the answer is therefore 42, obtained by multiplying 6 by 7.", "42"],
    ["The answer is 42 (obtained from 6 and 7).", "42"],
    ["The answer to this is simply the product, which is 42.", "42"],
    ["The answer is equal to 6 times 7, i.e. 42.", "42"],
    ["The answer is 12. Wait, that counts 5 twice. The answer is that Jane has 7 apples left.", "7"],
    ["First I thought the answer is 12. The final answer is Jane has 7 apples.", "7"],
    ["My previous answer was 12. The answer is 7, not 5.", "7"],
    ["The answer is no real number.", "no real number"],
    ["The answer is Tuesday. I counted 3 days.", tex`\text{Tuesday}`],
    ["So the answer is right angle.", "right angle"],
    ["Die vorige Antwort war falsch. Die Antwort ist 7, nicht 12.", "7"],
    ["La respuesta correcta es 7, y no 12.", "7"],
    ["正确的答案是7，不是12。", "7"],
  ])("%s", (reply, gold) => {
    const { answer } = math.extract(reply);
    expect([answer, math.equivalent(gold, answer ?? "")]).toEqual([answer, true]);
  });
});

describe("open", () => {
  test.each([
    ["Answer: The Nile\n\nThe above answer is the result of a comparison of lengths.", "The Nile"],
    [
      "The answer is the Nile. The answer is correct because it is longer than the Amazon.",
      "the Nile. The answer is correct because it is longer than the Amazon",
    ],
    ["Answer: The Nile\nThe answer is correct.", "The Nile"],
    ["Answer: The Nile\nThe final answer is based on its length.", "The Nile"],
    ["Answer: The Nile\nThe answer is found in every atlas.", "The Nile"],
    ["Answer: The Nile\nThe answer is in the atlas.", "The Nile"],
    ["Answer: The Nile\nMy previous answer was the Amazon.", "The Nile"],
    ["Answer: The Nile\nYou might think the answer is the Amazon.", "The Nile"],
    ["答案是尼罗河。\n答案是正确的。", "尼罗河"],
    ["Which way?\nThe answer is right.", "right"],
    ["The answer is correct.", "correct"],
    ["Where is it?\nThe answer is in the box.", "in the box"],
    ["The answer is obtained by measuring.\nThe Nile", "The Nile"],
    ["The answer is found to be the Nile.", "the Nile"],
    ["The answer is based in Rome.\nRome", "Rome"],
    ["Answer: Paris\n\nThe answer is derived from the fact that it is the capital.", "Paris"],
    ["Answer: Paris\n\nThe final answer is verified.", "Paris"],
    ["The final answer is Paris\nThe answer is not Lyon.", "Paris"],
    ["Answer: Paris\nThe right answer is the result of looking at a map.", "Paris"],
    ["The answer is found in books: see below.\nAnswer: Paris", "Paris"],
    ["Answer: Paris\n\nThe above answer is a fact known to everyone.", "Paris"],
    ["Answer: Paris\nThis answer is supported by maps.", "Paris"],
    ["The answer is Lyon. Sorry, the answer is wrong.\nAnswer: Paris", "Paris"],
    ["The answer is due to gravity.", "due to gravity"],
  ])("%s", (reply, answer) => {
    expect(open.extract(reply).answer).toBe(answer);
  });
});

describe("choice", () => {
  const choices = ["copper", "a noble gas", "liquid water", "iron oxide"];
  test.each([
    ["The answer is C. My previous answer was B.", "C"],
    ["The answer is C. The answer I gave earlier was B.", "C"],
    ["The answer is C. A common wrong answer is B.", "C"],
    ["Answer: C\nThe above answer is a consequence of what flows.", "C"],
    ["Answer: C\nThe answer is obtained by ruling out the rest.", "C"],
    ["The answer is C. Many would say the answer is B, since it flows too, but that answer is wrong.", "C"],
    ["My previous answer was B. The answer is C.", "C"],
    ["The answer choice is C, not B.", "C"],
    ["This answer is C.", "C"],
    ["The answer is C.\nThe previous answer was A.", "C"],
    ["Answer: C\nThe answer is correct because A) copper is solid.", "C"],
    ["The answer is found in option C.", "C"],
    ["If the answer is A it would be solid. So the answer is C.", "C"],
    ["The answer is C. You may think the answer is B.", "C"],
    ["The answer choices are A, B, C and D. I choose C.", "C"],
    ["Answer: C\nThe reason the answer is not A is that copper is solid.", "C"],
    ["Answer: C\nThe answer is supported by the fact that B is a gas.", "C"],
    ["The original answer was D, but the answer is C.", "C"],
  ])("%s", (reply, letter) => {
    expect(choice.extract(reply, { choices }).answer).toBe(letter);
  });
});

describe("whatever is around it, an announced answer is found", () => {
  const heads = [
    ...[
      "The answer",
      "So the answer",
      "Thus my answer",
      "Hence, the correct answer",
      "I think that the answer",
    ],
    ...["This means the answer", "We get 12, but the right answer", "If we add them, the answer"],
    ...["Since 3 < 4, the answer", "Assuming no friction, the answer", "One can show that the answer"],
  ];
  const links = [
    ...[
      "is",
      "is:",
      "was",
      "would be",
      "equals",
      "comes out to be",
      "is therefore",
      "is simply",
      "is given by",
    ],
    ...["is found to be"],
  ];
  const tails = [
    ...[".", "", ". I hope it is correct.", ", because 3 + 4 is that.", ", as 3 < 4.", " (see above)."],
    ...[".\n\nThis is correct.", ". The above answer is correct.", ".\nIt was obtained by adding 3 and 4."],
    ...[", not 12.", " and not 12.", ". Done in 2 steps."],
  ];
  test.each(heads)("%s …", (head) => {
    const wrong: string[] = [];
    for (const link of links)
      for (const tail of tails) {
        for (const value of ["7", tex`$\frac{1}{2}$`, "-3.5", "x = 7"]) {
          const reply = `${head} ${link} ${value}${tail}`;
          const { answer } = math.extract(reply);
          if (!math.equivalent(value, answer ?? "")) wrong.push(`${reply}: ${answer}`);
        }
        const reply = `${head} ${link} C${tail}`;
        const { answer } = choice.extract(reply, { choices: ["one", "two", "three", "four"] });
        if (answer !== "C") wrong.push(`${reply}: ${answer}`);
      }
    expect(wrong).toEqual([]);
  });
});
