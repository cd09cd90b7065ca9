import { Route, Switch } from "wouter";
import { AskPage } from "./ask/ask-page.tsx";
import { ComparePage } from "./compare/compare-page.tsx";
import { FoldersPage } from "./folders/folders-page.tsx";
import { Header } from "./layout/header.tsx";
import { RunPage } from "./run/run-page.tsx";
import { RunsPage } from "./runs/runs-page.tsx";

/** Every place of the local page. */
export function App() {
  return (
    <>
      <Header />
      <Switch>
        <Route path="/">
          <AskPage />
        </Route>
        <Route path="/runs">
          <RunsPage />
        </Route>
        <Route path="/runs/:id">{({ id }) => <RunPage key={id} threadId={id} />}</Route>
        <Route path="/compare">
          <ComparePage />
        </Route>
        <Route path="/evaluations">
          <FoldersPage kind="evaluations" />
        </Route>
        <Route path="/datasets">
          <FoldersPage kind="datasets" />
        </Route>
        <Route>
          <main id="content" className="plain">
            <h1>There is no such page.</h1>
          </main>
        </Route>
      </Switch>
    </>
  );
}
