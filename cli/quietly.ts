/** langsmith says on stdout, which is for data, where its experiments are. Nobody is to see it where nothing is uploaded. */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { log, error, warn } = console;
  const nothing = () => {};
  Object.assign(console, { log: nothing, error: nothing, warn: nothing });
  try {
    return await work();
  } finally {
    Object.assign(console, { log, error, warn });
  }
}
