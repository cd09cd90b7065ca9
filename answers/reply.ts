/**
 * What a model said, without its thinking: text inside `<think>…</think>` (an unclosed block runs to the end, a
 * template may have eaten the opening tag) and everything from a chat template's own token on, such as
 * `<|im_end|>`.
 */
export function spoken(reply: string): string {
  const closed = reply.lastIndexOf("</think>");
  const answer = closed === -1 ? reply : reply.slice(closed + "</think>".length);
  const reopened = answer.indexOf("<think>");
  const said = reopened === -1 ? answer : answer.slice(0, reopened);
  const token = said.search(/<\|[a-z_]{2,20}\|>/);
  return (token === -1 ? said : said.slice(0, token)).trim();
}
