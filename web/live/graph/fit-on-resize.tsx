import { useReactFlow, useStore } from "@xyflow/react";
import { useEffect } from "react";

interface Props {
  /** What is to be seen, from 0, 0. */
  width: number;
  height: number;
  /** Around it, as a share of its size. */
  padding: number;
}

/**
 * Keeps the whole graph in sight: a panel that was hidden, or a window that was resized, has another size. React Flow's own
 * fitting counts nodes alone, and cuts labels.
 */
export function FitOnResize({ width, height, padding }: Props) {
  const { fitBounds } = useReactFlow();
  const placeWidth = useStore((store) => store.width);
  const placeHeight = useStore((store) => store.height);
  useEffect(() => {
    if (placeWidth > 0 && placeHeight > 0) void fitBounds({ x: 0, y: 0, width, height }, { padding });
  }, [fitBounds, placeWidth, placeHeight, width, height, padding]);
  return null;
}
