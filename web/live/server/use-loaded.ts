import { useEffect, useRef, useState } from "react";
import { errorText } from "./error-text.ts";

interface Loaded<Value> {
  /** Null until it is there. */
  value: Value | null;
  error: string | null;
}

const nothing = { value: null, error: null };

/** What a request gives; asked again when `key`, which names it, changes. */
export function useLoaded<Value>(key: string, load: () => Promise<Value>): Loaded<Value> {
  const [loaded, setLoaded] = useState<{ key: string } & Loaded<Value>>({ key, ...nothing });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let current = true;
    latest.current().then(
      (value) => current && setLoaded({ key, value, error: null }),
      (error) => current && setLoaded({ key, value: null, error: errorText(error) }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  return loaded.key === key ? loaded : nothing;
}
