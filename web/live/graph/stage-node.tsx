import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";

export type StageNodeType = Node<
  {
    name: string;
    end: boolean;
    /** Works now. */
    lit: boolean;
    /** Worked in the step that is looked at. */
    here: boolean;
    chosen: boolean;
    changed: boolean;
    note: string;
  },
  "stage"
>;

/** A stage of the graph: its name, what it spent, and whether it is at work. */
export function StageNode({ data }: NodeProps<StageNodeType>) {
  const { name, end, lit, here, chosen, changed, note } = data;
  const marks = [end && "end", lit && "lit", here && "here", chosen && "chosen"].filter(Boolean);
  return (
    <div className={["stage", ...marks].join(" ")} data-stage={name}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <span>
        {name}
        {changed && <span className="changed"> changed</span>}
      </span>
      {note && <small>{note}</small>}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}
