import { expertColour } from "./expert-colour.ts";

interface Props {
  speakers: readonly string[];
  /** Null: all of them. */
  chosen: string | null;
  choose: (expert: string | null) => void;
}

/** Whose words are shown: everyone's or one expert's. */
export function SpeakerFilter({ speakers, chosen, choose }: Props) {
  if (speakers.length < 2) return null;
  return (
    <fieldset className="speakers">
      <legend>Speaker</legend>
      <button type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>
        All
      </button>
      {speakers.map((expert) => (
        <button
          key={expert}
          type="button"
          aria-pressed={chosen === expert}
          onClick={() => choose(chosen === expert ? null : expert)}
        >
          <span className="swatch" style={{ background: expertColour(speakers, expert) }} />
          {expert}
        </button>
      ))}
    </fieldset>
  );
}
