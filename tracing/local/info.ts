/** Which of LangSmith's two back ends the store passes for: the present one, or the one that stays (`smithdb`). */
type Flags = "dual" | "smithdb";

export interface InfoOptions {
  flags?: Flags;
  /**
   * Whether batches are to be compressed. Without it langsmith 0.12 folds a run's end into its beginning before it sends
   * them, and metadata that the end does not repeat are lost. With it each run waits for two turns of the event loop.
   */
  zips?: boolean;
}

/** What `GET /info` tells a client before it sends anything. */
export function infoOf({ flags = "dual", zips = true }: InfoOptions) {
  return {
    boardroom: "local store, LangSmith's API shape",
    version: "0.16.20",
    instance_flags: {
      dataset_examples_multipart_enabled: true,
      gzip_body_enabled: zips,
      zstd_compression_enabled: false,
      ch_query_enabled: flags === "dual",
      sdb_query_enabled: true,
    },
    batch_ingest_config: {
      use_multipart_endpoint: true,
      size_limit: 100,
      size_limit_bytes: 20_971_520,
      scale_up_qsize_trigger: 1000,
      scale_up_nthreads_limit: 16,
      scale_down_nempty_trigger: 4,
    },
  };
}
