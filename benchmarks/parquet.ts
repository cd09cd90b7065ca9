import { brotliDecompressSync, gunzipSync } from "node:zlib";

export const isParquet = (bytes: Buffer): boolean => bytes.subarray(0, 4).toString() === "PAR1";

/** What hyparquet does not unpack by itself. */
export const compressors = {
  GZIP: (packed: Uint8Array) => gunzipSync(packed),
  BROTLI: (packed: Uint8Array) => brotliDecompressSync(packed),
};

/**
 * The rows of a Parquet file: plain, Snappy (what the hub's own files use), gzip or Brotli. Whole numbers of 64 bits come
 * as numbers, as JSON would hold them. Rejects with the reader's reason for a file that is broken or packed otherwise.
 */
export async function parquetRows(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const { parquetReadObjects } = await import("hyparquet");
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, compressors });
  return rows.map((row) => plain(row) as Record<string, unknown>);
}

/** A value as JSON would hold it. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || value instanceof Date || ArrayBuffer.isView(value))
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}
