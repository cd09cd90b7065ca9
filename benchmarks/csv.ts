/**
 * The records of a CSV text (RFC 4180) as objects keyed by its header line. Quoted fields may hold commas, doubled
 * quotes and line breaks; every value is a string. Not covered: other separators.
 */
export function parseCsv(text: string): Record<string, string>[] {
  const [header = [], ...records] = splitRecords(text.replace(/^\uFEFF/, ""));
  return records.map((record) =>
    Object.fromEntries(header.map((name, column) => [name, record[column] ?? ""])),
  );
}

/** A field with what ends it: a comma, a line break or the end of the text. */
const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function splitRecords(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  field.lastIndex = 0;
  while (field.lastIndex < text.length || record.length > 0) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (!match) throw new Error(`record ${records.length + 1}: a quote is out of place at character ${at}`);
    const [, quoted, plain, end] = match;
    record.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === ",") continue;
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
  }
  return records;
}
