export const isParquet = (bytes: Buffer): boolean => bytes.subarray(0, 4).toString() === "PAR1";

/**
 * The rows of a Parquet file, packed in any way that the format has. Whole numbers of 64 bits come as numbers, those above
 * 2^53 as text. Rejects with the reader's reason for a file that is broken.
 */
export async function parquetRows(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const { parquetReadObjects } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, compressors });
  return rows.map((row) => plainJson(row) as Record<string, unknown>);
}

/** A value as JSON would hold it; an integer above 2^53 as text. */
export function plainJson(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (value === null || typeof value !== "object" || value instanceof Date || ArrayBuffer.isView(value))
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plainJson(field)]));
}
