/** Takes the lock of a folder and holds it, as a process of its own: FOLDER LOG [MS]. Without MS it holds on for good. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { FolderInUse, withFolderLock } from "../../files/folder-lock.ts";

const [folder = "", log = "", ms] = process.argv.slice(2);
console.log("ready");
for await (const _ of process.stdin) break; // all begin at once
for (;;) {
  try {
    await withFolderLock(folder, "The folder", async () => {
      appendFileSync(log, `in ${process.pid}\n`);
      console.log("holds");
      await sleep(ms === undefined ? 1e9 : Number(ms));
      appendFileSync(log, `out ${process.pid}\n`);
    });
    break;
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    if (ms === undefined) {
      console.log(error.message);
      break;
    }
    await sleep(1);
  }
}
process.exit();
