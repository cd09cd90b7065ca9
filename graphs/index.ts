/** The graphs, to be wired into one of your own, and the schemas of what flows in them. */

export { Settings } from "../state/settings.ts";
export { Input, Output, State } from "../state/state.ts";
export { graph as ceo } from "./ceo.ts";
export { graph as solo } from "./solo.ts";
export { graph as team } from "./team.ts";
export { graph as vote } from "./vote.ts";
