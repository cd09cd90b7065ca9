import type { AssistantGraph } from "@langchain/langgraph-sdk";
import { MarkerType, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useMemo } from "react";
import { FitOnResize } from "./fit-on-resize.tsx";
import { isEnd, layOutGraph } from "./lay-out-graph.ts";
import { PathEdge, type PathEdgeType } from "./path-edge.tsx";
import { StageNode, type StageNodeType } from "./stage-node.tsx";
import "./graph.css";

/** Around the graph, as a share of its size. */
const PADDING = 0.02;

const nodeTypes = { stage: StageNode };
const edgeTypes = { path: PathEdge };
const arrow = { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--edge)" };
const ends: Record<string, string> = { __start__: "start", __end__: "end" };

interface Props {
  graph: AssistantGraph;
  active?: readonly string[];
  here?: string | null;
  chosen?: string | null;
  changed?: ReadonlySet<string>;
  /** A line below the name of a stage. */
  notes?: ReadonlyMap<string, string>;
  choose: (stage: string) => void;
}

/** The graph as the server describes it: the stages at work are lit, and each can be chosen. */
export function GraphView({ graph, active = [], here = null, chosen = null, changed, notes, choose }: Props) {
  const { stages, paths, width, height } = useMemo(() => layOutGraph(graph), [graph]);
  const nodes = stages.map(
    ({ id, x, y, width, height }): StageNodeType => ({
      id,
      type: "stage",
      position: { x: x - width / 2, y: y - height / 2 },
      width,
      height,
      focusable: !isEnd(id),
      selectable: !isEnd(id),
      ariaLabel: `Stage ${ends[id] ?? id}${active.includes(id) ? ", at work" : ""}`,
      data: {
        name: ends[id] ?? id,
        end: isEnd(id),
        lit: active.includes(id),
        here: here === id,
        chosen: chosen === id,
        changed: changed?.has(id) ?? false,
        note: notes?.get(id) ?? "",
      },
    }),
  );
  const edges = paths.map(
    (path): PathEdgeType => ({
      id: path.id,
      type: "path",
      source: path.source,
      target: path.target,
      focusable: false,
      selectable: false,
      markerEnd: arrow,
      data: { path },
    }),
  );
  return (
    <div className="graph" style={{ aspectRatio: width / height }}>
      <ReactFlow
        key={width / height}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, { id }) => !isEnd(id) && choose(id)}
        onNodesChange={(changes) => {
          // Enter and space select a stage that has the focus.
          for (const change of changes) if (change.type === "select" && change.selected) choose(change.id);
        }}
        attributionPosition="top-left"
        minZoom={0.2}
        maxZoom={1.2}
        nodesDraggable={false}
        nodesConnectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        aria-label="The graph"
      >
        <FitOnResize width={width} height={height} padding={PADDING} />
      </ReactFlow>
    </div>
  );
}
