import { z } from "zod";
import { benchmark, textList } from "./benchmark.ts";

/** CommonGen-Hard, 20 to 30 words to use in one text: `{"concepts": ["river", "climb", "lamp", …]}` */
export const commongen = benchmark({
  name: "commongen",
  kind: "concepts",
  source: {
    at: {
      url: "https://raw.githubusercontent.com/OpenBMB/AgentVerse/f90c4bd9680fdd3bcff8c52c9170911a59b23478/data/commongen/commongen_hard.jsonl",
    },
    rows: 200,
    sha256: "a46f5d597aef403b84ee34ab16e1f105f1e3e798b7727e1cd990c92f92698932",
  },
  fields: z.object({ concepts: textList.refine((concepts) => concepts.length > 0) }),
  item: ({ concepts }) => ({
    task: { kind: "concepts", question: "Write a coherent text that uses all of the words.", concepts },
    gold: { kind: "concepts" },
  }),
});
