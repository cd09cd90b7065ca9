interface Props<Name extends string> {
  label: string;
  names: readonly Name[];
  chosen: Name;
  choose: (name: Name) => void;
}

/** Which of several panels is shown. */
export function Tabs<Name extends string>({ label, names, chosen, choose }: Props<Name>) {
  return (
    <div className="tabs" role="toolbar" aria-label={label}>
      {names.map((name) => (
        <button key={name} type="button" aria-pressed={name === chosen} onClick={() => choose(name)}>
          {name}
        </button>
      ))}
    </div>
  );
}
