import { Link } from "wouter";

const places = [
  ["/", "Ask"],
  ["/runs", "Runs"],
  ["/evaluations", "Evaluations"],
  ["/datasets", "Datasets"],
] as const;

/** The way between the pages; LangGraph Studio, which needs the internet, is one link away. */
export function Header() {
  const studio = `https://smith.langchain.com/studio?baseUrl=${encodeURIComponent(location.origin)}`;
  return (
    <header className="top">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <b>Boardroom</b>
      <nav aria-label="Pages">
        {places.map(([path, name]) => (
          <Link key={path} href={path} className={(active) => (active ? "active" : "")}>
            {name}
          </Link>
        ))}
      </nav>
      <a className="studio" href={studio} rel="noreferrer" target="_blank">
        LangGraph Studio
      </a>
    </header>
  );
}
