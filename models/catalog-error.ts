/** A setting of a model, its server or its key that cannot work: the caller's mistake, said before anything is paid. */
export class CatalogError extends Error {
  override name = "CatalogError";
}
