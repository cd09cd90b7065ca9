import type { ReactNode } from "react";

interface Props {
  className: string;
  head: ReactNode;
  open: boolean;
  toggle: () => void;
  children: () => ReactNode;
}

/** A disclosure whose body is made only while it is open. */
export function Fold({ className, head, open, toggle, children }: Props) {
  return (
    <details
      className={className}
      open={open}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== open) toggle();
      }}
    >
      <summary className={`${className}-head`}>{head}</summary>
      {open && children()}
    </details>
  );
}
