import { useReactFlow, useStore } from "@xyflow/react";
import { useEffect } from "react";

/** Keeps the whole graph in sight: a panel that was hidden, or a window that was resized, has another size. */
export function FitOnResize({ padding }: { padding: number }) {
  const { fitView } = useReactFlow();
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  useEffect(() => {
    if (width > 0 && height > 0) void fitView({ padding });
  }, [fitView, width, height, padding]);
  return null;
}
