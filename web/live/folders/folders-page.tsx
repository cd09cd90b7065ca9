import { fetchJson } from "../server/client.ts";
import { useLoaded } from "../server/use-loaded.ts";

interface Folder {
  id: string;
  name: string;
  madeAt: string;
}

const words = {
  evaluations: { title: "Evaluations", made: "boardroom eval <benchmark> --out DIR" },
  datasets: { title: "Datasets", made: "boardroom curate --out DIR" },
} as const;

/** The evaluations or datasets on this machine; each opens as the page that was made with it. */
export function FoldersPage({ kind }: { kind: keyof typeof words }) {
  const { title, made } = words[kind];
  const { value: folders, error } = useLoaded(kind, () => fetchJson<Folder[]>(`/boardroom/${kind}`));
  return (
    <main id="content" className="plain">
      <h1>{title}</h1>
      <p className="dim">
        In the folder where <code>boardroom studio</code> was started, and in the data folder.
      </p>
      {error && <p className="bad">{error}</p>}
      {folders?.length === 0 && (
        <p>
          There are none yet. <code>{made}</code> makes one.
        </p>
      )}
      {folders && folders.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Folder</th>
              <th scope="col">Made</th>
            </tr>
          </thead>
          <tbody>
            {folders.map(({ id, name, madeAt }) => (
              <tr key={id}>
                <th scope="row">
                  <a href={`/${kind}/${id}`}>{name}</a>
                </th>
                <td>{new Date(madeAt).toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </main>
  );
}
