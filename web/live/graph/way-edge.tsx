import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { curve, type Way } from "./lay-out.ts";

export type WayEdgeType = Edge<{ way: Way }, "way">;

/** An edge along the points that the layout chose, with its label where the layout left room. */
export function WayEdge({ id, data, markerEnd }: EdgeProps<WayEdgeType>) {
  if (!data) return null;
  const { points, label, at } = data.way;
  return (
    <>
      <BaseEdge id={id} path={curve(points)} {...(markerEnd && { markerEnd })} />
      {label && (
        <EdgeLabelRenderer>
          <span
            className="way-label"
            style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
          >
            {label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
