import { useState } from "react";
import type { Utterance } from "../../state/discussion.ts";
import { expertColour, speakersOf } from "./expert-colour.ts";
import { SpeakerFilter } from "./speaker-filter.tsx";
import { UtteranceView } from "./utterance.tsx";

/** What was said, in order; of one expert alone where a reader asks for it. */
export function Discussion({ transcript }: { transcript: readonly Utterance[] }) {
  const [expert, setExpert] = useState<string | null>(null);
  const speakers = speakersOf(transcript);
  const shown = transcript.filter((utterance) => expert === null || utterance.expert === expert);
  if (transcript.length === 0) return <p className="dim">Nobody has spoken yet.</p>;
  return (
    <div className="discussion">
      <SpeakerFilter speakers={speakers} chosen={expert} choose={setExpert} />
      {shown.map((utterance) => (
        <UtteranceView
          key={utterance.id}
          utterance={utterance}
          colour={expertColour(speakers, utterance.expert)}
        />
      ))}
    </div>
  );
}
