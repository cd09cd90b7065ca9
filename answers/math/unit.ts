/** Spellings of units that are of one kind; two units of different spelling that are not here are not compared. */
const units: Record<string, string> = {
  mm: "mm",
  millimeter: "mm",
  cm: "cm",
  centimeter: "cm",
  m: "m",
  meter: "m",
  metre: "m",
  km: "km",
  kilometer: "km",
  in: "in",
  inch: "in",
  inche: "in",
  ft: "ft",
  foot: "ft",
  feet: "ft",
  yd: "yd",
  yard: "yd",
  mi: "mi",
  mile: "mi",
  s: "s",
  sec: "s",
  second: "s",
  min: "min",
  minute: "min",
  h: "h",
  hr: "h",
  hour: "h",
  day: "d",
  week: "w",
  g: "g",
  gram: "g",
  kg: "kg",
  kilogram: "kg",
  cent: "cent",
  dollar: "dollar",
};

/** The unit that words name; null for one that is not known. */
export function unitOf(words: string): string | null {
  const word = words
    .toLowerCase()
    .trim()
    .replace(/^(?:square|sq|cubic|cu)\.?\s+/, "")
    .replace(/\.$/, "");
  return units[word] ?? units[word.replace(/s$/, "")] ?? null;
}

const abbreviations =
  "cm|mm|km|dm|kg|mg|ft|in|yd|mi|hr|hrs|mph|kph|lb|lbs|oz|ml|ms|min|sec|am|pm|sq|cu|m/s|km/h|cm/s|ft/s|units?";
/** Words behind a number that can be its unit. */
export const unitWords = new RegExp(
  `^((?:[\\p{Script=Latin}\\p{Script=Cyrillic}]{3,}|${abbreviations})(?!\\p{L})[\\p{L}\\s./]*)(?:\\^\\{?\\d\\}?)?$`,
  "u",
);
