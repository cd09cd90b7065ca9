import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import { DataError } from "../../benchmarks/rows.ts";

interface Line {
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
  for await (const text of textLines(file)) {
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

/**
 * The lines of a file, one string at a time: a dataset may be larger than memory. Lines end at a newline alone; Node's own
 * readline also ends them at U+2028, which JSON leaves as it is.
 */
export async function* textLines(file: string): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, at);
      yield (rest.length > 0 ? Buffer.concat([...rest, piece]) : piece).toString("utf8");
      rest = [];
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString("utf8");
}
