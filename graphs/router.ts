import { Runnable } from "@langchain/core/runnables";
import type { LangGraphRunnableConfig, Send } from "@langchain/langgraph";

type Destination = string | Send[];

/**
 * Where a conditional edge leads. LangGraph makes a traced run of a plain function, with the whole state as its input,
 * which nobody reads; a Runnable that calls no callbacks leaves none.
 */
export class Router<State, To extends Destination> extends Runnable<State, To, LangGraphRunnableConfig> {
  override lc_namespace = ["boardroom", "graphs"];

  constructor(private readonly route: (state: State, config: LangGraphRunnableConfig) => To) {
    super();
  }

  override async invoke(state: State, config: Partial<LangGraphRunnableConfig> = {}): Promise<To> {
    return this.route(state, config as LangGraphRunnableConfig);
  }
}
