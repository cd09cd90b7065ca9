/**
 * Datasets made of traces: a LangSmith client's traces as rows with M500's columns, curation's filters over them, and what the
 * agents said as ShareGPT's conversations. `boardroom curate` writes whole datasets, with those filters that compare rows.
 */

export { DataError } from "../benchmarks/rows.ts";
export { type Guard, guard } from "./curate/benchmarks.ts";
export { type FilterOptions, filterTraces } from "./curate/filter-traces.ts";
export type { Filtered } from "./curate/pipeline.ts";
export type { Rejection } from "./curate/rejection.ts";
export { DatasetRow, type Message, type Role, roles, type Turn } from "./curate/row.ts";
export { CurateSettings } from "./curate/settings.ts";
export { type ShareGpt, shareGptOf } from "./curate/share-gpt.ts";
export { type Dataset, openDataset } from "./curate/source.ts";
