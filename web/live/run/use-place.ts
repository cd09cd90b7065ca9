import { useSearchParams } from "wouter";

interface Place {
  /** The step that is looked at; null: the newest. */
  step: number | null;
  /** The stage whose prompt is shown. */
  stage: string | null;
  show: (name: "step" | "stage", value: string | number | null) => void;
}

/** Where in a run a reader is, as the page's address says it, so that it can be passed on. */
export function usePlace(): Place {
  const [search, setSearch] = useSearchParams();
  const step = search.has("step") ? Number(search.get("step")) : Number.NaN;
  return {
    step: Number.isFinite(step) ? step : null,
    stage: search.get("stage"),
    show: (name, value) =>
      setSearch(
        (old) => {
          const next = new URLSearchParams(old);
          if (value === null) next.delete(name);
          else next.set(name, String(value));
          return next;
        },
        { replace: true },
      ),
  };
}
