/** What Node put into a page that is one file. Throws where nothing was put in. */
export function pageData<Data>(): Data {
  const text = document.getElementById("data")?.textContent;
  if (!text) throw new Error("this page was opened without its data");
  return JSON.parse(text) as Data;
}

/** A text that Node put at the page's end, by its name; throws where there is none. */
export async function laterText(name: string): Promise<string> {
  if (document.readyState === "loading")
    await new Promise((read) => document.addEventListener("DOMContentLoaded", read, { once: true }));
  const text = document.getElementById(name)?.textContent;
  if (!text) throw new Error(`this page holds no ${name}`);
  return text;
}
