import { Link } from "wouter";

/** Says that there is no run of this name, and why. */
export function MissingRun({ error }: { error: string | null }) {
  return (
    <main id="content" className="plain">
      <h1>This run is not here.</h1>
      {error && <p className="bad">{error}</p>}
      <p>
        <Link href="/runs">All runs</Link>
      </p>
    </main>
  );
}
