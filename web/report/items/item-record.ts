import { useEffect, useState } from "react";
import type { Item, ItemRecord } from "../../../evals/report/report-data.ts";
import { laterText } from "../../page-data.ts";

const unpacked = new WeakMap<Item, ItemRecord>();

async function unpack(name: string): Promise<ItemRecord> {
  const bytes = Uint8Array.from(atob(await laterText(name)), (sign) => sign.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(json).json()) as ItemRecord;
}

/** What an item holds; null while it is unpacked, or where the page does not hold it. */
export function useItemRecord(item: Item): ItemRecord | null {
  const [record, setRecord] = useState(() => unpacked.get(item) ?? null);
  useEffect(() => {
    if (record !== null || item.record === null) return;
    let shown = true;
    void unpack(item.record).then((whole) => {
      unpacked.set(item, whole);
      if (shown) setRecord(whole);
    });
    return () => {
      shown = false;
    };
  }, [item, record]);
  return record;
}
