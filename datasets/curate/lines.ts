import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import { createInterface } from "node:readline";
import { DataError } from "../rows.ts";

export interface Line {
  /** "file.jsonl, line 3": for messages. */
  where: string;
  value: unknown;
}

/** The values of a JSON Lines file, one after the other; throws DataError. */
export async function* jsonLines(file: string): AsyncGenerator<Line> {
  await access(file).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(
      error.code === "ENOENT" ? `there is no file ${file}.` : `${file} cannot be read (${error.code}).`,
    );
  });
  let number = 0;
  // One string at a time: a dataset may be larger than memory.
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number++;
    if (text.trim() === "") continue;
    const where = `${file}, line ${number}`;
    try {
      yield { where, value: JSON.parse(text.replace(/^\uFEFF/, "")) };
    } catch (error) {
      throw new DataError(`${where}: not JSON (${(error as Error).message}).`);
    }
  }
}
