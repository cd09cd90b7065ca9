import type { NamedExpert } from "./answer-from.ts";

interface Props {
  team: readonly NamedExpert[];
  change: (team: NamedExpert[]) => void;
}

/** A team to be changed: an expert without a name is left out. */
export function TeamFields({ team, change }: Props) {
  const set = (at: number, part: Partial<NamedExpert>) =>
    change(team.map((expert, place) => (place === at ? { ...expert, ...part } : expert)));
  // Experts have no id, and names are what is typed: their place is all that stays.
  const places = team.map((expert, at) => ({ at, expert }));
  return (
    <fieldset className="team-fields">
      <legend>The team</legend>
      {places.map(({ at, expert }) => (
        <div className="row" key={at}>
          <input
            value={expert.name}
            aria-label={`Name of expert ${at + 1}`}
            placeholder="left out"
            onChange={({ target }) => set(at, { name: target.value })}
          />
          <textarea
            className="expertise"
            rows={2}
            value={expert.expertise}
            aria-label={`Expertise of expert ${at + 1}`}
            onChange={({ target }) => set(at, { expertise: target.value })}
          />
        </div>
      ))}
      <button type="button" className="link" onClick={() => change([...team, { name: "", expertise: "" }])}>
        Add an expert
      </button>
    </fieldset>
  );
}
