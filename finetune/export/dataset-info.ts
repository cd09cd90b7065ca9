import { FILES } from "./export-files.ts";

/** How LLaMA-Factory has to be told to read OpenAI's chat format. */
const entry = (file: string) => ({
  file_name: file,
  formatting: "sharegpt",
  columns: { messages: "messages" },
  tags: {
    role_tag: "role",
    content_tag: "content",
    user_tag: "user",
    assistant_tag: "assistant",
    system_tag: "system",
  },
});

/** LLaMA-Factory's list of the datasets in a folder. */
export const datasetInfo = {
  boardroom_train: entry(FILES.train),
  boardroom_validation: entry(FILES.validation),
};
