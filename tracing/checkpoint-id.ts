const BETWEEN_1582_AND_1970_MS = 12_219_292_800_000;

/** What a checkpoint's id says of it. */
export interface CheckpointTime {
  step: number;
  /** Milliseconds since 1970, rounded down. */
  made: number;
}

/**
 * LangGraph names a checkpoint by a UUID of version 6 (RFC 9562), whose clock sequence it sets to the step (seen in 1.7.3; a
 * test fails when that changes). Null for any other id.
 */
export function checkpointTime(id: string): CheckpointTime | null {
  const hex = /^([0-9a-f]{8})-([0-9a-f]{4})-6([0-9a-f]{3})-([0-9a-f]{4})-[0-9a-f]{12}$/.exec(id);
  if (!hex) return null;
  const ticks = BigInt(`0x${hex[1]}${hex[2]}${hex[3]}`); // of 100 ns
  const sequence = Number.parseInt(hex[4]!, 16);
  return {
    step: sequence < 0xff00 ? sequence & 0x3fff : sequence - 0x10000, // the input's checkpoint has step -1
    made: Number(ticks / 10_000n) - BETWEEN_1582_AND_1970_MS,
  };
}
