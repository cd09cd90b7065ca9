/** A count of tokens as people read it: "12,345". */
export const tokens = (count: number) => Math.round(count).toLocaleString("en-US");
