import { type PlotOptions, plot } from "@observablehq/plot";
import { useLayoutEffect, useRef } from "react";
import { useWidth } from "./use-width.ts";
import "./chart.css";

interface Props {
  /** What the chart shows, in words, for who cannot see it. */
  label: string;
  /** In CSS pixels. */
  height: number;
  options: (width: number) => PlotOptions;
}

/** A chart as wide as its place; text keeps its size. It is drawn again whenever its parent renders. */
export function Chart({ label, height, options }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  useLayoutEffect(() => {
    if (width === 0) return;
    const drawn = plot({ ...options(width), width, height, ariaLabel: label });
    drawn.setAttribute("role", "img");
    // Plot names each group after its mark, which says nothing within an image.
    for (const part of drawn.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    box.current?.replaceChildren(drawn);
  }, [label, height, width, options]);
  return <div ref={box} className="chart" style={{ minHeight: height }} />;
}
