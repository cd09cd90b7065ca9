import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, equivalent, extract, wellFormed } from "../../answers/math.ts";

const tex = String.raw;

const same: [string, string][] = [
  ["7425000", "7,425,000"],
  ["10{,}000", "10000"],
  [tex`900,\!000,\!000`, "900000000"],
  ["0.4", ".4"],
  [tex`1\frac{4}{5}`, "9/5"],
  ["-1 1/2", "-1.5"],
  [tex`\frac{1}{12}`, "0.083333333"],
  [tex`0.\overline{27}`, tex`\frac3{11}`],
  [".0000672", tex`6.72\times 10^{-5}`],
  [tex`\$3.50`, "3.5"],
  [tex`12\%`, "12"],
  [tex`12\%`, "0.12"],
  [tex`48^\circ`, "48 degrees"],
  [tex`\frac{\pi}{4}`, tex`45^\circ`],
  [tex`\cos 60^\circ`, "0.5"],
  [tex`100\text{ square units}`, "100"],
  [tex`5\text{ m}`, "5 meters"],
  ["sqrt(51)", tex`\sqrt{51}`],
  [tex`\frac{\sqrt3}{2}`, tex`\frac{3}{2\sqrt{3}}`],
  [tex`\sqrt[3]{-8}`, "-2"],
  ["2^{100}", "1267650600228229401496703205376"],
  ["(r+5)(r+5)", "(r+5)^2"],
  [tex`\frac{x+2}{7}`, tex`\frac{x}{7}+\frac{2}{7}`],
  [tex`\sqrt{x^2}`, "|x|"],
  [tex`\ln(x^2)`, tex`2\ln x`],
  ["(-1)^n", tex`\cos(n\pi)`],
  [tex`\binom{n}{2}`, tex`\frac{n(n-1)}{2}`],
  [tex`\sum_{k=1}^{n} k`, tex`\frac{n(n+1)}{2}`],
  [tex`\sum_{k=0}^{n-1} F_k F_{n-1-k}`, tex`\sum_{k=0}^{n-1} F_{n-1-k} F_k`],
  [tex`3 \pm 2\sqrt{2}`, tex`3-2\sqrt{2}, 3+2\sqrt{2}`],
  ["-2,1", tex`x = 1 \text{ or } x = -2`],
  ["-2,1", tex`\{1, -2\}`],
  ["14", tex`\binom{6}{2} - 1 = 14`],
  ["12", "Twelve"],
  [tex`\text{three}`, "3"],
  [tex`\frac{x^2}{9} + \frac{y^2}{4} = 1`, "4x^2 + 9y^2 = 36"],
  [tex`\emptyset`, tex`\varnothing`],
  [tex`\emptyset`, tex`\{\}`],
  [tex`\{x \mid x > 2\}`, tex`(2,\infty)`],
  [tex`x \le 3`, tex`\{x \in \mathbb{R} : x \le 3\}`],
  ["(1,2)", tex`(x,y) = (1, 2)`],
  ["p=5,q=2;p=7,q=2", "(5,2),(7,2)"],
  ["2 > x", "x < 2"],
  ["-x > -1", "x < 1"],
  ["(-793,10)", "-793 < a < 10"],
  [tex`[5,\infty)`, tex`x \geq 5`],
  [tex`(-\infty,-2)\cup(2,\infty)`, "x < -2 or x > 2"],
  [tex`(-\infty,3)\cup(3,\infty)`, "x != 3"],
  [tex`x \in \{-1\} \cup [0,7)`, tex`[0,7) \cup \{-1\}`],
  ["x = 5", "5"],
  ["z = 1 + 1 = 2", "2"],
  [tex`f(x) = 2x+1`, "f(t) = 2t+1"],
  ["y = -2x", "2x + y = 0"],
  ["x-2y+z-1=0", "2x-4y+2z=2"],
  [tex`\begin{pmatrix}1/2\\2\end{pmatrix}`, tex`\begin{bmatrix} 0.5 \\ 2 \end{bmatrix}`],
  [tex`\frac13\begin{pmatrix}1 & 2\end{pmatrix}`, tex`\begin{pmatrix}\frac13 & \frac23\end{pmatrix}`],
  ["2222_3", "2222_{3}"],
  ["3:5", "6:10"],
  [tex`\text{4:30 p.m.}`, "4:30 PM"],
  [tex`\text{Evelyn}`, "evelyn"],
  [tex`\text{(E)}`, "E"],
  [tex`\boxed{7}`, "$7$"],
  ["12345", tex`12\,345`],
  ["12345", tex`12{\,}345`],
  ["12345", tex`12\text{,}345`],
  ["1234567", tex`1\ 234\ 567`],
  ["e^{9} - 1", "exp(9) - 1"],
  ["|x|", "abs(x)"],
  [tex`\sqrt[3]{2}`, "cbrt(2)"],
  ["21", "twenty-one"],
  ["1/2", "one half"],
  ["1,000,000", "1 million"],
  ["14", "14th"],
  ["17", "`17`"],
  ["3/4", "3/4 or 0.75"],
  [tex`(-\infty,0)\cup(0,\infty)`, tex`\mathbb{R}\setminus\{0\}`],
  [tex`(-\infty,-2)\cup(-2,3)\cup(3,\infty)`, tex`x \ne 3, x \ne -2`],
  [tex`x \ne \pm 1`, tex`\mathbb{R} \setminus \{1, -1\}`],
  [tex`(-\infty,-2)\cup(3,\infty)`, tex`x < -2 \cup x > 3`],
  [tex`\{1\}\cup\{2\}`, tex`\{2, 1\}`],
  ["(1,2]", "]1,2]"],
  [tex`\mathbb{R}`, tex`\text{all real numbers}`],
  [tex`\emptyset`, tex`\text{no solution}`],
  [tex`\frac{\pi}{4}+k\pi`, tex`\frac{\pi}{4}+k\pi, k \in \mathbb{Z}`],
  ["3:2", "3 to 2"],
  ["10", "C_5^2"],
  [tex`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, "\\begin{bmatrix}\n1 & 2 \\\\[4pt]\n3 & 4\n\\end{bmatrix}"],
  [tex`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, "[[1,2],[3,4]]"],
  ["x=2, y=5", "\\begin{aligned}\nx &= 2 \\\\\ny &= 5\n\\end{aligned}"],
  ["x=2, y=5", tex`\left\{\begin{array}{l}x=2\\y=5\end{array}\right.`],
  ["4", tex`\begin{aligned}x&=2+2\\&=4\end{aligned}`],
  [
    tex`\begin{cases}x&x>0\\-x&x\le 0\end{cases}`,
    tex`f(x)=\begin{cases} -x, & \text{if } x\leq 0 \\ x, & \text{if } x>0 \end{cases}`,
  ],
];

const different: [string, string][] = [
  ["5", "6"],
  ["x", "y"],
  ["x = 5", "y = 5"],
  ["2x = 4", "4"],
  ["a + 3z = 0", "0"],
  ["16386.17", "16386.16"],
  [tex`\frac13`, "0.33"],
  ["10000", "9999.999999"],
  ["2^{100}", "1267650600228229401496703205377"],
  ["(1,2)", "(2,1)"],
  ["(0,9)", "[0,9)"],
  ["1,2", "1,2,3"],
  [tex`\pm 2021`, "2021"],
  ["x > 5", "x < 5"],
  ["x > 5", tex`x \ge 5`],
  [tex`\sqrt{x^2}`, "x"],
  ["f(x+y)", "f(x)+f(y)"],
  [tex`5\text{ cm}`, tex`5\text{ m}`],
  ["2222_3", "2222_4"],
  ["12:00", "1:00"],
  ["3:5", "5:3"],
  [tex`\text{odd}`, "oddd"],
  ["A", "B"],
  ["32349", "32, 349"],
  [tex`\begin{pmatrix}1&2\\3&4\end{pmatrix}`, tex`\begin{pmatrix}1&3\\2&4\end{pmatrix}`],
  [tex`\{1,\,100,\,200\}`, "1100200"],
  [tex`\mathbb{R}\setminus\{0\}`, tex`\mathbb{R}`],
  [tex`\mathbb{R}\setminus\{0\}`, tex`\mathbb{R}\setminus\{1\}`],
  ["twenty-one", "22"],
  ["x=2, y=5", tex`\begin{cases}x=5\\y=2\end{cases}`],
  [tex`\begin{cases}x&x>0\\-x&x\le 0\end{cases}`, tex`\begin{cases}x&x>0\\x&x\le 0\end{cases}`],
  ["3/4", "3/4 or 0.5"],
];

describe("equivalence", () => {
  test.each(same)("%s is %s", (a, b) => {
    expect(compare(a, b).equal).toBe(true);
    expect(compare(b, a).equal).toBe(true);
  });

  test.each(different)("%s is not %s", (a, b) => {
    expect(compare(a, b).equal).toBe(false);
    expect(compare(b, a).equal).toBe(false);
  });

  test("a malformed gold cannot be scored, a malformed answer is wrong", () => {
    expect(compare(tex`\frac{1}{2`, "1/2")).toEqual({ equal: false, method: "malformed gold" });
    expect(compare("1/2", tex`\frac{1}{2`)).toEqual({ equal: false, method: "malformed answer" });
    expect(wellFormed("")).toBe(false);
    expect(wellFormed(tex`\frac{1}{2}`)).toBe(true);
  });

  test.each([
    ["9^{9^{9^9}}", "9^{9^{9^8}}"],
    [`${"[".repeat(40)}x${"]".repeat(40)}`, "y"],
    ["|".repeat(60), "1"],
    ["10^{-999999999}", "0"],
    ["200000!", "1"],
    [tex`\sum_{k=1}^{10^{12}} k`, "5"],
    [`${"(".repeat(500)}x${")".repeat(500)}`, "y"],
    ["1,".repeat(900), "2,".repeat(900)],
    [`1${" ".repeat(1_000_000)}2`, "3"],
    [`\\sqrt{${"x+".repeat(400)}1}`, `\\sqrt{${"x+".repeat(399)}y}`],
  ])("ends in time: %.40s", (a, b) => {
    compare("1/2", "0.5");
    const start = performance.now();
    expect(compare(a, b).equal).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("500 comparisons take less than 3 seconds", () => {
    const start = performance.now();
    for (let at = 0; at < 500; at++) {
      const [a, b] = (at % 2 ? same : different)[at % 25]!;
      compare(`${a}`, `${b}${" ".repeat(at % 7)}`);
    }
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

const piece = fc.constantFrom(
  ..."\\frac { } ( ) [ ] | \\{ \\} ^ _ \\sqrt 1 2 0.5 99999 x y n + - * / = < \\le \\cup , ; \\pm \\text{ and".split(
    " ",
  ),
  ..."\\boxed{ $ \\begin{pmatrix} \\end{pmatrix} & \\\\ ! \\% \\infty \\sum \\int \\sin 9^9 . : \\in e i f( é".split(
    " ",
  ),
  " ",
  "\n",
);
const answer = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""));

describe("any two strings", () => {
  test("compare and extract without throwing, symmetric and in bounded time", () => {
    compare("1/2", "0.5");
    fc.assert(
      fc.property(answer, answer, (a, b) => {
        const start = performance.now();
        const forth = equivalent(a, b);
        expect(performance.now() - start).toBeLessThan(1500);
        expect(equivalent(b, a)).toBe(forth);
        expect(equivalent(a, a)).toBe(true);
        extract(a + b);
      }),
      { numRuns: 1500 },
    );
  });

  test("a number is itself, however written, and no other number", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(equivalent(String(a), a.toLocaleString("en-US"))).toBe(true);
        expect(equivalent(String(a), String(b))).toBe(a === b);
      }),
      { numRuns: 200 },
    );
  });
});

describe("extraction", () => {
  test.each([
    [tex`So \boxed{\frac{\sqrt{3}}{2}}.`, tex`\frac{\sqrt{3}}{2}`, "boxed"],
    [tex`First \boxed{1}. Wait, no: \boxed{2}`, "2", "boxed"],
    [tex`\boxed{-2} \quad \text{and} \quad \boxed{1}`, "-2, 1", "boxed"],
    [tex`\fbox{9}`, "9", "boxed"],
    [tex`That is \boxed{20} percent.`, tex`20\%`, "boxed"],
    [tex`\boxed{x \in \{1,2\}}`, tex`x \in \{1,2\}`, "boxed"],
    ["The final answer is $-\\frac{1}{2}$. I hope it is correct.", tex`-\frac{1}{2}`, "announced"],
    ["**Answer:** 7", "7", "announced"],
    ["The answer is **42**.", "42", "announced"],
    ["### Final Answer\n\n$$x = 3$$", "x = 3", "announced"],
    ["Final Answer: Jane started 3 hours ago.", "3", "announced"],
    ["Hence $a$ and so $k = \\frac{1}{3}$.", tex`k = \frac{1}{3}`, "last formula"],
    ["We add up.\n2 + 3 = 5", "5", "last equation"],
    ["She has 3 + 2 = 5 left.\n#### 5", "5", "marked"],
    ["#### Step 1\nWe add 2 and 3 and get 5.", "5", "last number"],
    ["y - 3 = 2x", "y - 3 = 2x", "bare"],
    ["x^2 + y^2 - 25 = 0", "x^2 + y^2 - 25 = 0", "bare"],
    ["y=5, x=4", "y=5, x=4", "bare"],
    ["In total there are 1,234 apples.", "1,234", "last number"],
    [tex`<think>\boxed{3}</think>It is \boxed{4}`, "4", "boxed"],
    [tex`thoughts \boxed{3}</think>It is \boxed{4}`, "4", "boxed"],
  ])("%s", (reply, expected, method) => {
    expect(extract(reply)).toEqual({ answer: expected, method });
  });

  test.each(["", "I do not know.", tex`<think>\boxed{3}`, tex`so \boxed{\frac{1}{2`, tex`\boxed{}`])(
    "no answer in: %s",
    (reply) => {
      expect(extract(reply).answer).toBeNull();
    },
  );
});
