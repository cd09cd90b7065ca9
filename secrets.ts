const keyLike = /\b(sk|lsv2|hf|gsk|xai|pk)[-_][\w*-]{8,}/g;
const bearer = /\bBearer\s+[\w.~+/=-]+/gi;

/**
 * Keys must not show: in what servers echo, in recordings, traces and datasets. Replaces what looks like a key, and the
 * keys of this process.
 */
export function redacted(text: string): string {
  const patterned = text.replace(bearer, "Bearer [key]").replace(keyLike, "[key]");
  return ownKeys().reduce((clean, key) => clean.replaceAll(key, "[key]"), patterned);
}

const ownKeys = (): string[] =>
  Object.entries(process.env).flatMap(([name, value]) =>
    /_(KEY|TOKEN|SECRET|PASSWORD)$/i.test(name) && value && value.length >= 8 ? [value] : [],
  );
