import { formatInteger } from "./figures.ts";
import "./choices.css";

interface Props<Name extends string> {
  legend: string;
  /** `count`: how many things the choice would show. */
  choices: readonly { name: Name; label: string; count: number }[];
  chosen: Name;
  choose: (name: Name) => void;
}

/** One of a few ways to narrow a list. */
export function Choices<Name extends string>({ legend, choices, chosen, choose }: Props<Name>) {
  return (
    <fieldset className="choices-bar">
      <legend>{legend}</legend>
      {choices.map(({ name, label, count }) => (
        <button key={name} type="button" aria-pressed={name === chosen} onClick={() => choose(name)}>
          {label} <small>{formatInteger(count)}</small>
        </button>
      ))}
    </fieldset>
  );
}
