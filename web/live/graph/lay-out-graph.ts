import { Graph, layout } from "@dagrejs/dagre";
import type { AssistantGraph } from "@langchain/langgraph-sdk";

interface Point {
  x: number;
  y: number;
}
interface Stage extends Point {
  id: string;
  width: number;
  height: number;
}
export interface EdgePath {
  id: string;
  source: string;
  target: string;
  label: string;
  points: Point[];
  /** Where the label stands. */
  at: Point;
}

const STAGE = { width: 112, height: 44 };
const END = { width: 56, height: 26 };
/** Pixels that a letter of a label takes at most. */
const LETTER = 6.4;

export const isEnd = (id: string): boolean => id === "__start__" || id === "__end__";

interface GraphLayout {
  stages: Stage[];
  paths: EdgePath[];
  /** Of all that is drawn, labels included, from 0, 0. */
  width: number;
  height: number;
}

/** Where each stage of a server's graph stands, and by which points its edges go. */
export function layOutGraph({ nodes, edges }: AssistantGraph): GraphLayout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 40, edgesep: 12 });
  for (const { id } of nodes) graph.setNode(String(id), { ...(isEnd(String(id)) ? END : STAGE) });
  edges.forEach(({ source, target, data = "" }, at) => {
    const label = data === source || data === target ? "" : data;
    const size = { width: label.length * LETTER, height: label ? 14 : 0 };
    graph.setEdge(source, target, { label, labelpos: "c", ...size }, String(at));
  });
  layout(graph);
  const { width = 1, height = 1 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    stages: graph.nodes().map((id) => ({ id, ...(graph.node(id) as Omit<Stage, "id">) })),
    paths: graph.edges().map((edge) => {
      const placed = graph.edge(edge) as { label: string; points: Point[] } & Partial<Point>;
      const middle = placed.points[Math.floor(placed.points.length / 2)] ?? { x: 0, y: 0 };
      return {
        id: `${edge.v} ${edge.w} ${edge.name}`,
        source: edge.v,
        target: edge.w,
        label: placed.label,
        points: placed.points,
        at: { x: placed.x ?? middle.x, y: placed.y ?? middle.y },
      };
    }),
  };
}

/** A smooth line by these points. */
export function curvePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return "";
  const bends = rest.slice(0, -1).map((point, at) => {
    const next = rest[at + 1] ?? last;
    const end = at === rest.length - 2 ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x},${point.y} ${end.x},${end.y}`;
  });
  return `M${first.x},${first.y}${bends.length > 0 ? bends.join("") : `L${last.x},${last.y}`}`;
}
