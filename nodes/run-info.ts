import { openModel } from "../models/open.ts";
import { hashesOf } from "../state/hashes.ts";
import { RECORD_VERSION, type RunInfo } from "../state/run-info.ts";
import type { Settings } from "../state/settings.ts";

/** What is recorded of a run that begins under these settings. A budget that they do not name is the main model's. */
export async function runInfoOf(
  { id, thread, mode, question, message }: Pick<RunInfo, "id" | "thread" | "mode" | "question" | "message">,
  settings: Settings,
): Promise<RunInfo> {
  const tokens = settings.budgetTokens ?? (await openModel(settings.model)).entry.budgetTokens;
  return withSettings(
    {
      ...{ version: RECORD_VERSION, id, thread, mode, question, message },
      budget: { tokens, usd: null, seconds: null },
      ...{ rule: settings.rule, settingsHash: "", promptHash: "" },
    },
    settings,
  );
}

/** A run that goes on under settings that may differ from those it began with. */
export const withSettings = (run: RunInfo, settings: Settings): RunInfo => ({
  ...run,
  budget: {
    tokens: settings.budgetTokens ?? run.budget.tokens,
    usd: settings.budgetUsd,
    seconds: settings.budgetSeconds,
  },
  rule: settings.rule,
  ...hashesOf(settings),
});
