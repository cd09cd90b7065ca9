import type { Expert } from "../../../state/discussion.ts";

/** Who is on the team, and what each looks at. */
export function Team({ experts }: { experts: readonly Expert[] }) {
  return (
    <>
      <h2>Team</h2>
      <ul className="team">
        {experts.map(({ name, expertise, focus }) => (
          <li key={name}>
            <b>{name}</b> <span className="dim">{[expertise, focus].filter(Boolean).join(" ")}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
