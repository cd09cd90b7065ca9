import { withFolderLock } from "../files/folder-lock.ts";
import { threadFolder } from "./thread-id.ts";

/** Runs `work` while no other run works on the thread, in this process or another. Throws FolderInUse, NoThread. */
export const withThreadLock = <T>(thread: string, work: (lost: AbortSignal) => Promise<T>): Promise<T> =>
  withFolderLock(threadFolder(thread), `Thread ${thread}`, work);
