import "./bar.css";

interface Props {
  /** 0..1 of the bar's place. */
  share: number;
  colour: string;
  /** 0..1: a lighter bar behind it, of what it is a part of. */
  of?: number;
}

const width = (share: number) => `${(100 * Math.max(0, Math.min(1, share))).toFixed(2)}%`;

/** How much of a whole; the numbers stand beside it. */
export function Bar({ share, colour, of = 1 }: Props) {
  return (
    <span className="bar" aria-hidden="true">
      <span className="whole" style={{ width: width(of) }} />
      <span className="part" style={{ width: width(share), background: colour }} />
    </span>
  );
}
