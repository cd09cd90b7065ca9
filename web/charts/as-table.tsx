import "./as-table.css";

interface Props {
  /** Heads the first column. */
  of: string;
  columns: readonly string[];
  rows: readonly { name: string; values: readonly string[] }[];
}

/** The numbers of a chart, folded beside it. */
export function AsTable({ of, columns, rows }: Props) {
  return (
    <details className="as-table">
      <summary>As a table</summary>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              {[of, ...columns].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {columns.map((column, at) => (
                  <td key={column}>{values[at]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
