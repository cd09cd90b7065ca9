/** What is said while weights are fetched; a command line shows it. */
export interface PrepareOptions {
  say?: (line: string) => void;
  onProgress?: (progress: { label: string; received: number; total: number }) => void;
  signal?: AbortSignal;
}
