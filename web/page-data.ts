/** What Node put into a page that is one file. Throws where nothing was put in. */
export function pageData<Data>(): Data {
  const text = document.getElementById("data")?.textContent;
  if (!text) throw new Error("this page was opened without its data");
  return JSON.parse(text) as Data;
}
