/** Characters of a page that are told. */
const MOST = 300;

/** What a page or a plain text says, on one line: the title of HTML, else its text. */
export function plainWords(body: string): string {
  const html = /^\s*</.test(body);
  const title = html ? /<(title|h1)[^>]*>([^<]{1,400})</i.exec(body)?.[2] : undefined;
  const text =
    title ?? (html ? body.slice(0, 20_000).replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/gi, " ") : body);
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > MOST ? `${line.slice(0, MOST)}…` : line;
}
