export { FileCheckpointer } from "./file-checkpointer.ts";
export { NoThread, newThreadId, threadFolder } from "./thread-id.ts";
