import type { Estimate } from "../../evals/stats/estimate.ts";
import "./whisker.css";

interface Props {
  estimate: Estimate;
  colour: string;
  /** Marked by a dashed line. */
  reference: number | null;
}

const at = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** An estimate with its interval on a scale of 0..1; the numbers stand beside it. */
export function Whisker({ estimate: { mean, low, high }, colour, reference }: Props) {
  return (
    <svg className="whisker" aria-hidden="true" style={{ color: colour }}>
      <line className="scale" x1="0" x2="100%" y1="50%" y2="50%" />
      {reference !== null && (
        <line className="reference" x1={at(reference)} x2={at(reference)} y1="0" y2="100%" />
      )}
      <line className="interval" x1={at(low)} x2={at(high)} y1="50%" y2="50%" />
      <circle cx={at(mean)} cy="50%" r="5" />
    </svg>
  );
}
