import { RECORD_VERSION, type RunInfo } from "../state/run-info.ts";

/** What a state says of a run that a test makes up. */
export const runInfo = (fields: Partial<RunInfo> = {}): RunInfo => ({
  ...{ version: RECORD_VERSION, id: "made-up", thread: null, mode: "ceo", question: "", message: null },
  ...{ budget: { tokens: 4000, usd: null, seconds: null }, rule: "majority" },
  ...{ settingsHash: "", promptHash: "" },
  ...fields,
});
