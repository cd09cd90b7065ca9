import { CatalogError, hasPrice, userCatalog } from "./catalog.ts";
import { openModel } from "./open.ts";

/**
 * Throws a CatalogError where one of these models has no price, since dollars that cannot be counted limit nothing.
 * `dollars` and `tokens`: what the limit is called, and the one to give instead.
 */
export async function assertPriced(models: Iterable<string>, dollars: string, tokens: string): Promise<void> {
  for (const name of models) {
    const { entry } = await openModel(name);
    if (!hasPrice(entry))
      throw new CatalogError(
        `${entry.name} has no price, so ${dollars} cannot hold: enter its price in ${userCatalog()}, or use ${tokens}.`,
      );
  }
}
