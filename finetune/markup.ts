/** HTML that may be put into a page as it is. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

type Value = string | number | Markup | readonly Markup[] | null;

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => entities[sign]!);

function rendered(value: Value): string {
  if (value === null) return "";
  if (value instanceof Markup) return value.text;
  return typeof value === "object" ? value.map(rendered).join("") : escaped(String(value));
}

/** A template whose values are escaped, unless they are markup already; null leaves nothing. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...values.map(rendered)));
}
