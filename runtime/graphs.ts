import type { BaseCheckpointSaver } from "@langchain/langgraph";
import * as ceo from "../graphs/ceo.ts";
import * as solo from "../graphs/solo.ts";
import * as team from "../graphs/team.ts";
import * as vote from "../graphs/vote.ts";
import type { Mode } from "../state/run-info.ts";

const graphs = { ceo, team, vote, solo };

/** The graph of a mode, with a checkpointer or without. */
export const compiledGraph = (mode: Mode, checkpointer?: BaseCheckpointSaver) =>
  checkpointer ? graphs[mode].builder.compile({ name: mode, checkpointer }) : graphs[mode].graph;
