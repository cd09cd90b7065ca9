import { useMemo } from "react";
import type { Item } from "../../../evals/report/report-data.ts";
import { Choices } from "../../choices.tsx";
import { type Filter, filterNames, filters } from "./item-filters.ts";

interface Props {
  items: readonly Item[];
  filter: Filter;
  choose: (filter: Filter) => void;
  words: string;
  find: (words: string) => void;
}

export function FilterBar({ items, filter, choose, words, find }: Props) {
  const choices = useMemo(
    () =>
      filterNames.map((name) => ({
        name,
        label: filters[name].label,
        count: items.filter(filters[name].holds).length,
      })),
    [items],
  );
  return (
    <div className="filters">
      <Choices legend="Show items" choices={choices} chosen={filter} choose={choose} />
      <input
        type="search"
        placeholder="Find in id or question"
        aria-label="Find items"
        value={words}
        onChange={({ target }) => find(target.value)}
      />
    </div>
  );
}
