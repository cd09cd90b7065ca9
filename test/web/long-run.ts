import { randomUUID } from "node:crypto";
import { emptyState } from "../../state/fold.ts";
import type { State } from "../../state/state.ts";
import { runInfo } from "../run-info.ts";
