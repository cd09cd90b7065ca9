/** What a CEO may decide to do next. */
export const actions = ["recruit", "discuss", "execute", "evaluate", "finish"] as const;
export type Action = (typeof actions)[number];

/** How a team discusses. */
export const formats = ["critique", "debate"] as const;
