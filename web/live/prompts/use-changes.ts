import { useState } from "react";

export interface Changes {
  values: Readonly<Record<string, unknown>>;
  /** Undefined takes a change back. */
  set: (key: string, value: unknown) => void;
  clear: () => void;
}

/** Settings that a reader changed and has not run yet; they outlive a reload of the page. */
export function useChanges(place: string): Changes {
  const key = `changes ${place}`;
  const [values, setValues] = useState<Record<string, unknown>>(() =>
    JSON.parse(sessionStorage.getItem(key) ?? "{}"),
  );
  const keep = (next: Record<string, unknown>) => {
    sessionStorage.setItem(key, JSON.stringify(next));
    setValues(next);
  };
  return {
    values,
    set: (field, value) => {
      const { [field]: _, ...others } = values;
      keep(value === undefined ? others : { ...others, [field]: value });
    },
    clear: () => keep({}),
  };
}
