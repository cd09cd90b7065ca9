export interface PythonLine {
  text: string;
  /** Width of its indent in columns; a tab counts as four. */
  indent: number;
  /** Where the line before ended: within a text of three quotes, within brackets, or between statements. */
  within: "text" | "brackets" | null;
}

const piece = /"""|'''|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|#.*|[([{]|[)\]}]|\\./g;

/** The lines of a Python source, each with the state in which it begins. A line that defines something at the margin closes brackets left open. */
export function pythonLines(source: string): PythonLine[] {
  let quotes: string | null = null;
  let depth = 0;
  return source.split("\n").map((text) => {
    if (!quotes && /^(?:async[ \t]+def|def|class|import|from|@\w)/.test(text)) depth = 0;
    const within = quotes ? "text" : depth > 0 ? "brackets" : null;
    let rest = text;
    if (quotes) {
      const end = rest.indexOf(quotes);
      if (end === -1) return { text, indent: width(text), within };
      rest = rest.slice(end + 3);
      quotes = null;
    }
    for (let at = 0; ; ) {
      piece.lastIndex = at;
      const found = piece.exec(rest);
      if (!found) break;
      const [mark] = found;
      at = piece.lastIndex;
      if (mark === '"""' || mark === "'''") {
        const end = rest.indexOf(mark, at);
        if (end === -1) {
          quotes = mark;
          break;
        }
        at = end + 3;
      } else if (/^[([{]$/.test(mark)) depth += 1;
      else if (/^[)\]}]$/.test(mark)) depth = Math.max(0, depth - 1);
    }
    return { text, indent: width(text), within };
  });
}

const width = (text: string): number => /^[ \t]*/.exec(text)![0].replaceAll("\t", "    ").length;
