export interface Identified {
  id: string;
}

/** A change of an item of a list, or a whole new one. */
export type Patch<T> = Partial<T> & Identified;

/** The reducer of lists: what arrives is merged by id, so that retries and resumed runs repeat nothing. */
export function mergeById<T extends Identified>(old: readonly T[], fresh: readonly Patch<T>[]): T[] {
  const byId = new Map(old.map((item) => [item.id, item]));
  for (const item of fresh) byId.set(item.id, { ...byId.get(item.id), ...item } as T);
  return [...byId.values()];
}
