import { Hono } from "hono";
import { z } from "zod";
import { holesOf, promptFaults, promptNames } from "../../prompts/index.ts";
import { promptField } from "../../state/settings.ts";

const Checked = z.object({ name: z.enum(promptNames), text: z.string() });

/** What a prompt's editor needs to know: the holes it may use, and what is wrong with an edited text. */
export const promptRoutes = new Hono()
  .get("/boardroom/prompts", (c) =>
    c.json(
      promptNames.flatMap((name) => {
        const field = promptField(name);
        return field ? [{ name, field, holes: holesOf(name) }] : [];
      }),
    ),
  )
  .post("/boardroom/prompts/check", async (c) => {
    const { data, error } = Checked.safeParse(await c.req.json().catch(() => null));
    if (error) return c.json({ detail: z.prettifyError(error) }, 400);
    return c.json(promptFaults(data.name, data.text));
  });
