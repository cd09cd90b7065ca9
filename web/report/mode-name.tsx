import type { ModeSummary } from "../../evals/summary.ts";
import { ModeSwatch } from "../charts/mode-swatch.tsx";

export const severalModels = (modes: readonly ModeSummary[]): boolean =>
  new Set(modes.map(({ model }) => model)).size > 1;

/** Heads a mode's row. */
export function ModeName({ of: { mode, model }, withModel }: { of: ModeSummary; withModel: boolean }) {
  return (
    <th scope="row">
      <ModeSwatch mode={mode} />
      {mode} {withModel && <small>{model}</small>}
    </th>
  );
}
