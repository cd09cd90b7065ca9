import { fieldLabel, type SettingField } from "../server/setting-fields.ts";

interface Props {
  field: SettingField;
  /** The node at which it is shown. */
  node?: string | undefined;
  value: unknown;
  change: (value: unknown) => void;
}

/** One setting that is a word, a number or a yes or no; empty stands for the default. */
export function SettingInput({ field, node, value, change }: Props) {
  const { key, type, description, fallback, options } = field;
  const shown = value ?? fallback;
  const id = `setting-${key}`;
  return (
    <div className="setting">
      <label htmlFor={id} title={description}>
        {fieldLabel(key, node)}
      </label>
      {type === "boolean" ? (
        <input
          id={id}
          type="checkbox"
          checked={shown === true}
          onChange={({ target }) => change(target.checked === fallback ? undefined : target.checked)}
        />
      ) : options.length > 0 ? (
        <select
          id={id}
          value={typeof shown === "string" ? shown : ""}
          onChange={({ target }) => change(target.value === fallback ? undefined : target.value || undefined)}
        >
          {field.nullable && <option value="">default</option>}
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          type={type === "string" ? "text" : "number"}
          step={type === "integer" ? 1 : "any"}
          value={value === undefined || value === null ? "" : String(value)}
          placeholder={fallback === null ? "default" : String(fallback)}
          onChange={({ target }) => change(typed(type, target.value))}
        />
      )}
    </div>
  );
}

function typed(type: SettingField["type"], text: string): string | number | undefined {
  if (text === "") return undefined;
  return type === "string" ? text : Number(text);
}
