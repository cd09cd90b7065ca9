import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { Serialized } from "@langchain/core/load/serializable";
import type { BaseMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { Client } from "langsmith";
import { convertToDottedOrderFormat } from "langsmith/run_trees";
import { callMetadata, nodeMetadata, rootMetadata } from "./metadata.ts";
import { promptOf, type Reply, replyOf, usageOf } from "./said.ts";
import { Tally } from "./tally.ts";

type Metadata = Record<string, unknown>;

/** A run that is written, or is about to be. */
interface Run {
  id: string;
  name: string;
  run_type: "chain" | "llm";
  trace_id: string;
  dotted_order: string;
  parent_run_id?: string;
  start_time: string;
  inputs: Record<string, unknown>;
  metadata: Metadata;
  kind: "root" | "node" | "call";
  /** What the model calls below a node said, the last one last. */
  replies: Reply[];
  /** Of a root: what passes through its nodes. */
  tally: Tally;
}

/** Where a graph's root hangs: a run of `traceable`, such as the target of `evaluate()`. */
export interface Parent {
  id: string;
  trace_id: string;
  dotted_order: string;
  project_name?: string | undefined;
}

interface Options {
  client: Client;
  project?: string | undefined;
  parent?: Parent | undefined;
}

/**
 * Writes a graph's run so that a trace is about as large as its prompts and replies. LangChain's own tracer repeats the
 * whole state at every node and every edge. Here a node has what it changed, a model call its messages, and the root, when
 * it ends, the ledger's totals; edges and internals are left out. A run is written once, when it has ended; only a root
 * is also written when it begins, so that one that a crash cut short can be told by its missing end.
 */
export class SlimTracer extends BaseCallbackHandler {
  name = "boardroom_tracer";
  /** Cheap and in order: a queue of callbacks would only blur the times. */
  override awaitHandlers = true;
  private readonly runs = new Map<string, Run>();
  /** Runs that are not written, and the written one above each. */
  private readonly above = new Map<string, string>();
  private readonly writing = new Set<Promise<void>>();
  private readonly options: Options;

  constructor(options: Options) {
    super();
    this.options = options;
  }

  override copy(): this {
    return this;
  }

  override handleChainStart(
    _chain: Serialized,
    inputs: Record<string, unknown>,
    id: string,
    parentId?: string,
    _tags?: string[],
    metadata: Metadata = {},
    _type?: string,
    name = "chain",
  ): void {
    const parent = this.written(parentId);
    if (!parent) {
      const tally = new Tally(inputs);
      const run = this.begin({ id, name, kind: "root", inputs: tally.question, metadata, tally });
      this.write(this.options.client.createRun(this.body(run)));
    } else if (parent.kind === "root" && name === metadata.langgraph_node && name !== "__start__") {
      parent.tally.before(inputs);
      this.begin({ id, name, kind: "node", inputs: {}, metadata, parent });
    } else this.above.set(id, parent.id);
  }

  override handleChainEnd(outputs: unknown, id: string): void {
    this.endChain(id, outputs);
  }

  override handleChainError(error: unknown, id: string): void {
    this.endChain(id, undefined, error);
  }

  override handleChatModelStart(
    llm: Serialized,
    messages: BaseMessage[][],
    id: string,
    parentId?: string,
    extra: Record<string, unknown> = {},
    _tags?: string[],
    metadata: Metadata = {},
  ): void {
    const parent = this.written(parentId);
    if (!parent) return; // a model that somebody calls outside of a graph
    parent.tally.calls++;
    const name = llm.id?.at(-1) ?? "model";
    this.begin({ id, name, kind: "call", inputs: { messages: promptOf(messages, extra) }, metadata, parent });
  }

  override handleLLMEnd({ generations }: LLMResult, id: string): void {
    const run = this.runs.get(id);
    if (!run) return;
    const { message } = (generations[0]?.[0] ?? {}) as { message?: BaseMessage };
    const reply = replyOf(message, run.metadata);
    this.written(run.parent_run_id)?.replies.push(reply);
    const usage = usageOf(message);
    this.end(run, { messages: [reply] }, usage && { usage_metadata: usage });
  }

  override handleLLMError(error: unknown, id: string): void {
    const run = this.runs.get(id);
    if (run) this.end(run, undefined, {}, error);
  }

  /** Until all that was seen so far is in the client's queue. */
  async handedOver(): Promise<void> {
    while (this.writing.size > 0) await Promise.allSettled(this.writing);
  }

  private endChain(id: string, outputs: unknown, error?: unknown): void {
    this.above.delete(id);
    const run = this.runs.get(id);
    if (!run) return;
    this.endBelow(run);
    const { kind, tally, replies } = run;
    if (kind === "node") this.end(run, tally.after(outputs, replies), {}, error);
    else {
      run.inputs = tally.question;
      const status = error === undefined ? tally.status : "failed";
      this.end(run, { answer: tally.answer, status }, tally.totals(), error);
    }
  }

  /** A call that is cut off may never be said to have ended, nor a node that a sibling's failure stopped. */
  private endBelow({ dotted_order }: Run): void {
    const open = [...this.runs.values()].filter((run) => run.dotted_order.startsWith(`${dotted_order}.`));
    for (const run of open.reverse()) this.end(run, undefined, {}, "it was cut off");
  }

  private written(id: string | undefined): Run | undefined {
    if (id === undefined) return undefined;
    return this.runs.get(id) ?? this.runs.get(this.above.get(id) ?? "");
  }

  private begin(
    given: Pick<Run, "id" | "name" | "kind" | "inputs" | "metadata"> & { parent?: Run; tally?: Tally },
  ): Run {
    const { id, name, kind, inputs, metadata } = given;
    const tally = given.tally ?? given.parent!.tally;
    const parent = given.parent ?? this.options.parent;
    const { dottedOrder, microsecondPrecisionDatestring } = convertToDottedOrderFormat(
      Date.now(),
      id,
      tally.order++ % 1000,
    );
    const run: Run = {
      id,
      name,
      kind,
      run_type: kind === "call" ? "llm" : "chain",
      trace_id: parent?.trace_id ?? id,
      dotted_order: parent ? `${parent.dotted_order}.${dottedOrder}` : dottedOrder,
      ...(parent && { parent_run_id: parent.id }),
      start_time: microsecondPrecisionDatestring,
      inputs,
      metadata,
      replies: [],
      tally,
    };
    this.runs.set(id, run);
    return run;
  }

  private end(
    run: Run,
    outputs: Record<string, unknown> | undefined,
    more: Metadata = {},
    error?: unknown,
  ): void {
    this.runs.delete(run.id);
    const { client } = this.options;
    const whole = {
      ...this.body(run, more),
      end_time: Date.now(),
      ...(outputs && { outputs }),
      ...(error !== undefined && { error: messageOf(error) }),
    };
    this.write(run.kind === "root" ? client.updateRun(run.id, whole) : client.createRun(whole));
  }

  private body(run: Run, more: Metadata = {}) {
    const { kind, metadata, replies: _, tally: __, ...body } = run;
    const kept = { root: rootMetadata, node: nodeMetadata, call: callMetadata }[kind](metadata);
    const project = this.options.parent?.project_name ?? this.options.project;
    return {
      ...body,
      ...(project && { session_name: project }),
      extra: { metadata: { ...kept, ...more } },
    };
  }

  private write(queued: Promise<void>): void {
    const settled = queued.catch(() => {}).finally(() => this.writing.delete(settled));
    this.writing.add(settled);
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
