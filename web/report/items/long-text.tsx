import { useState } from "react";
import { formatInteger } from "../../figures.ts";

const MOST = 900;
const SPARED = 200;

/** A text as it is; of a long one the beginning, and a button for the rest. */
export function LongText({ text, code = false }: { text: string; code?: boolean }) {
  const [all, setAll] = useState(text.length <= MOST + SPARED);
  return (
    <div className={code ? "code" : "said"}>
      {all ? text : `${text.slice(0, MOST)}… `}
      {!all && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          Show all {formatInteger(text.length)} characters
        </button>
      )}
    </div>
  );
}
