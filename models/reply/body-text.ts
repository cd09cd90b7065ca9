/**
 * The text of a response's body as it arrives. `patience` is asked before each read how long to wait for it, in ms; null:
 * as long as it takes. A body whose patience is spent has ended, and so has one that breaks while there is any.
 */
export async function* bodyText(
  body: ReadableStream<Uint8Array>,
  patience: () => number | null,
): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let ended = false;
  try {
    while (!ended) {
      const ms = patience();
      const read = ms === null ? await reader.read() : await readWithin(reader, ms);
      ended = read === null || read.done;
      const text = decoder.decode(read?.value, { stream: !ended });
      if (text) yield text;
      if (read === null) return;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}

async function readWithin(reader: ReadableStreamDefaultReader<Uint8Array>, ms: number) {
  const read = reader.read().catch(() => null);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  const first = await Promise.race([read, late]);
  clearTimeout(timer);
  if (first === null) await reader.cancel().catch(() => undefined);
  return first;
}
