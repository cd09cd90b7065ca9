/** langsmith prints on stdout, which is for data, where its experiments are: `onText` gets what it prints instead. */
export async function captureConsole<T>(work: () => Promise<T>, onText = (_text: string) => {}): Promise<T> {
  const { log, error, warn } = console;
  const listen = (...words: unknown[]) => onText(words.map(String).join(" "));
  Object.assign(console, { log: listen, error: listen, warn: listen });
  try {
    return await work();
  } finally {
    Object.assign(console, { log, error, warn });
  }
}
