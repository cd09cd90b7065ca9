const PREFIX = "#item/";

/** The id of the item that the page's address names; null where it names none. */
export function linkedItem(): string | null {
  const { hash } = window.location;
  if (!hash.startsWith(PREFIX)) return null;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length));
  } catch {
    return null; // a cut address
  }
}

/** Makes the page's address name an item, so that it can be passed on. */
export function linkItem(id: string): void {
  window.history.replaceState(null, "", `${PREFIX}${encodeURIComponent(id)}`);
}
