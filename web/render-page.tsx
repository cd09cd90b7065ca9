import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";

/** Puts a page into the document. */
export function renderPage(page: ReactNode): void {
  createRoot(document.getElementById("page")!).render(<StrictMode>{page}</StrictMode>);
}
