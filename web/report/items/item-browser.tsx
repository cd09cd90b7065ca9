import { useEffect, useMemo, useRef, useState } from "react";
import { WindowVirtualizer, type WindowVirtualizerHandle } from "virtua";
import type { Item } from "../../../evals/report/report-data.ts";
import { formatCount, formatInteger } from "../../figures.ts";
import { FilterBar } from "./filter-bar.tsx";
import { type Filter, matchingItems } from "./item-filters.ts";
import { linkedItem, linkItem } from "./item-link.ts";
import { ItemRow } from "./item-row.tsx";
import { useOpenSet } from "./use-open-set.ts";

/** All items: only those in sight are in the document. A link opens its item. */
export function ItemBrowser({ items }: { items: readonly Item[] }) {
  const [filter, setFilter] = useState<Filter>("all");
  const [words, setWords] = useState("");
  const [linked] = useState(linkedItem);
  const open = useOpenSet(linked === null ? [] : [linked]);
  const list = useRef<WindowVirtualizerHandle>(null);
  const found = useMemo(() => matchingItems(items, filter, words), [items, filter, words]);
  const modes = useMemo(
    () => [...new Set(items.flatMap(({ runs }) => runs.map(({ mode }) => mode)))],
    [items],
  );
  const repeats = useMemo(
    () => 1 + items.flatMap(({ runs }) => runs).reduce((most, { repeat }) => Math.max(most, repeat), 0),
    [items],
  );
  const left = items.filter(({ record }) => record === null).length;

  useEffect(() => {
    const at = items.findIndex(({ id }) => id === linked);
    if (at >= 0) list.current?.scrollToIndex(at, { align: "start" });
  }, [items, linked]);

  const toggle = (key: string, id: string) => {
    if (!open.has(key)) linkItem(id);
    open.toggle(key);
  };

  return (
    <>
      {left > 0 && (
        <p className="left-out">
          To keep this page small, the discussions of {formatInteger(left)} of{" "}
          {formatCount(items.length, "item")} were left out; scores and answers are here, everything is in
          results.jsonl. Items on which rollouts disagree were kept first.
        </p>
      )}
      <FilterBar items={items} filter={filter} choose={setFilter} words={words} find={setWords} />
      <p className="dim" role="status">
        {found.length < items.length && `${formatInteger(found.length)} of `}
        {formatCount(items.length, "item")}
      </p>
      <div className="items">
        <WindowVirtualizer ref={list} data={found} bufferSize={400}>
          {(item) => (
            <ItemRow
              key={item.id}
              item={item}
              modes={modes}
              repeats={repeats}
              open={open.has}
              toggle={(key) => toggle(key, item.id)}
            />
          )}
        </WindowVirtualizer>
      </div>
    </>
  );
}
