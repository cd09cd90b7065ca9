import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { curvePath, type EdgePath } from "./lay-out-graph.ts";

export type PathEdgeType = Edge<{ path: EdgePath }, "path">;

/** An edge along the points that the layout chose, with its label where the layout left room. */
export function PathEdge({ id, data, markerEnd }: EdgeProps<PathEdgeType>) {
  if (!data) return null;
  const { points, label, at } = data.path;
  return (
    <>
      <BaseEdge id={id} path={curvePath(points)} {...(markerEnd && { markerEnd })} />
      {label && (
        <EdgeLabelRenderer>
          <span
            className="edge-label"
            style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
          >
            {label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
