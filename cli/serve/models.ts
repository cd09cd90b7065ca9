import { type Mode, modes } from "../../state/run-info.ts";
import { ApiError } from "./api-error.ts";

const nameOf = (mode: Mode) => `boardroom-${mode}`;
const created = Math.floor(Date.now() / 1000);
const listed = (mode: Mode) => ({ id: nameOf(mode), object: "model", created, owned_by: "boardroom" });

/** The modes, as OpenAI lists models. */
export const modelList = () => ({ object: "list", data: modes.map(listed) });

export const modelOf = (id: string) => listed(modeOf(id));

/** The mode that a model's name stands for; throws ApiError 404. */
export function modeOf(model: string): Mode {
  const mode = modes.find((one) => nameOf(one) === model);
  if (mode) return mode;
  throw new ApiError(404, `The model '${model}' does not exist: ask for ${modes.map(nameOf).join(", ")}.`, {
    param: "model",
    code: "model_not_found",
  });
}
