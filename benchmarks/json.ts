/** A text, or a number outside of one. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** JSON.parse that keeps a number which would be rounded (an integer above 2^53) or lost (1e400) as its text. */
export function parseJson(text: string): unknown {
  if (!/\d{16}|[eE][-+]?\d{3}/.test(text)) return JSON.parse(text);
  JSON.parse(text); // what is no JSON must not become some
  return JSON.parse(text.replace(token, (found) => (exact(found) ? found : `"${found}"`)));
}

function exact(found: string): boolean {
  if (found.startsWith('"')) return true;
  return /[.eE]/.test(found) ? Number.isFinite(Number(found)) : Number.isSafeInteger(Number(found));
}
