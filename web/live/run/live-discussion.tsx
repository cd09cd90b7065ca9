import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { VList, type VListHandle } from "virtua";
import type { State } from "../../../state/state.ts";
import { expertColour, speakersOf } from "../../record/expert-colour.ts";
import { planText } from "../../record/plan-text.ts";
import { SpeakerFilter } from "../../record/speaker-filter.tsx";
import { UtteranceView } from "../../record/utterance.tsx";
import { type DiscussionItem, discussionItems } from "./discussion-items.ts";
import type { Speaking } from "./run-view.ts";
import { streamedWords } from "./streamed-words.ts";
import { useFollowEnd } from "./use-follow-end.ts";

interface Props {
  state: Pick<State, "decisions" | "transcript" | "experts">;
  speaking: readonly Speaking[];
  /** Whether the end is followed as it grows. */
  follows: boolean;
}

/** The discussion as it happens; only what is in sight stands in the page, however long it is. */
export function LiveDiscussion({ state, speaking, follows }: Props) {
  const [expert, setExpert] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const list = useRef<VListHandle>(null);
  const speakers = useMemo(() => speakersOf(state.transcript), [state.transcript]);
  // Those who speak for the first time keep the colour that they get then.
  const coloured = [...new Set([...speakers, ...speaking.flatMap(({ expert }) => expert ?? [])])];
  const items = useMemo(
    () => discussionItems(state, speaking, { expert, words }),
    [state, speaking, expert, words],
  );
  const length = items.length + 1; // and room below the last one
  const { scrolled, touched, goTo } = useFollowEnd({
    list,
    length,
    items,
    grows: follows,
    filter: [expert ?? "", words.trim()].join(" ").trim(),
  });
  // The browser knows only the heights of what was in sight so far.
  const toEdge = (event: KeyboardEvent) => {
    touched();
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "End" && event.key !== "Home") return;
    goTo(event.key === "End" ? "end" : "start");
    event.preventDefault();
  };
  return (
    <div className="live-discussion">
      <div className="filters">
        <SpeakerFilter speakers={speakers} chosen={expert} choose={setExpert} />
        <input
          type="search"
          placeholder="Find words"
          aria-label="Find words in the discussion"
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
      </div>
      {items.length === 0 && (
        <p className="dim">{words || expert ? "Nothing matches." : "Nobody has spoken yet."}</p>
      )}
      <VList
        ref={list}
        className="scroll"
        tabIndex={0}
        role="region"
        aria-label="Discussion"
        onScroll={scrolled}
        onWheel={touched}
        onTouchMove={touched}
        onPointerDown={touched}
        onKeyDown={toEdge}
      >
        {items.map((item) => (
          <Item key={`${item.kind} ${item.id}`} item={item} speakers={coloured} />
        ))}
        <div key="end" className="room" />
      </VList>
    </div>
  );
}

const doing: Record<string, string> = { solve: "solves", critique: "criticises" };

function Item({ item, speakers }: { item: DiscussionItem; speakers: readonly string[] }) {
  if (item.kind === "utterance") {
    const { utterance } = item;
    return <UtteranceView utterance={utterance} colour={expertColour(speakers, utterance.expert)} />;
  }
  if (item.kind === "decision") {
    const { applied, reason, forced, step } = item.decision;
    return (
      <div className="decided">
        <b>{planText(applied)}</b> <span className="dim">{forced ? "forced" : reason}</span>
        <span className="dim place">step {step}</span>
      </div>
    );
  }
  const { node, expert, text } = item.speaking;
  return (
    <article
      className="utterance speaking"
      style={{ borderInlineStartColor: expertColour(speakers, expert ?? "") }}
    >
      <header>
        <b>{expert ?? node}</b> <span className="dim">{expert ? `${doing[node] ?? node} …` : "…"}</span>
      </header>
      <div className="said">{streamedWords(text)}</div>
    </article>
  );
}
