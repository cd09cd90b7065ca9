import type { Point } from "./progress.ts";

/** Bits of a Braille cell's 2 by 4 dots, by column and row, from U+2800. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];

interface Area {
  /** In characters. */
  width: number;
  height: number;
}

export const finitePoints = (points: Point[]): Point[] =>
  points.filter(({ value }) => Number.isFinite(value));

/** At most `count` means of neighbours, so that a long noisy curve still reads. */
export function downsample(points: Point[], count: number): Point[] {
  const size = Math.ceil(points.length / count);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size);
    const mean = (of: (point: Point) => number) =>
      group.reduce((sum, point) => sum + of(point), 0) / group.length;
    return { step: mean(({ step }) => step), value: mean(({ value }) => value) };
  });
}

/** Losses over steps as lines of text: the curve is the loss, "o" the eval loss. Empty below two points. */
export function plotLines(loss: Point[], evalLoss: Point[], { width, height }: Area): string[] {
  const curve = downsample(finitePoints(loss), width * 2);
  const marks = finitePoints(evalLoss);
  if (curve.length < 2) return [];
  const values = [...curve, ...marks].map(({ value }) => value);
  const steps = [...curve, ...marks].map(({ step }) => step);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [Math.min(...steps), Math.max(...steps)];
  const column = (step: number) => Math.round(((step - from) / (to - from || 1)) * (width * 2 - 1));
  const row = (value: number) => Math.round(((high - value) / (high - low || 1)) * (height * 4 - 1));

  const bits = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  curve.forEach((point, i) => {
    const next = curve[i + 1] ?? point;
    const [left, right] = [column(point.step), column(next.step)];
    for (let x = left; x <= right; x++) {
      const y = row(point.value + ((x - left) / (right - left || 1)) * (next.value - point.value));
      bits[y >> 2]![x >> 1]! |= DOTS[x & 1]![y & 3]!;
    }
  });
  const signs = bits.map((line) => line.map((cell) => (cell ? String.fromCodePoint(0x2800 + cell) : " ")));
  for (const { step, value } of marks) signs[row(value) >> 2]![column(step) >> 1] = "o";

  const label = (i: number) =>
    (i === 0 ? high.toPrecision(3) : i === height - 1 ? low.toPrecision(3) : "").padStart(6);
  return [
    ...signs.map((line, i) => `${label(i)} ┤${line.join("").trimEnd()}`),
    `        step ${Math.round(from)} to ${Math.round(to)}${marks.length > 0 ? "; o is the eval loss" : ""}`,
  ];
}
