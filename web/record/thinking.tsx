/** What a model thought before it spoke, folded. */
export function Thinking({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <details className="thinking">
      <summary>Thinking</summary>
      <div className="said">{text}</div>
    </details>
  );
}
