import { linter, lintGutter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { Decoration, EditorView, MatchDecorator, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { minimalSetup } from "codemirror";
import { useEffect, useRef } from "react";
import { fetchJson } from "../server/client.ts";

export interface PromptFault {
  line: number;
  message: string;
}

interface Props {
  /** The prompt's own name, such as `answer-math`. */
  name: string;
  text: string;
  change: (text: string) => void;
  report: (faults: readonly PromptFault[]) => void;
}

const marks = new MatchDecorator({
  regexp: /\{\{[^}]*\}\}|\{%[^%]*%\}|^# \S+$/gm,
  decoration: ([found]) =>
    Decoration.mark({
      class: found.startsWith("#") ? "cm-section" : found.startsWith("{{") ? "cm-hole" : "cm-tag",
    }),
});

/** Holes, tags and the headings of sections stand out. */
const marked = ViewPlugin.define(
  (view) => {
    const plugin = {
      decorations: marks.createDeco(view),
      update: (update: ViewUpdate) => {
        plugin.decorations = marks.updateDeco(update, plugin.decorations);
      },
    };
    return plugin;
  },
  { decorations: (plugin) => plugin.decorations },
);

/** A prompt in an editor; the server says what is wrong with it, by the rules that runs go by. */
export function PromptEditor({ name, text, change, report }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const latest = useRef({ text, change, report });
  latest.current = { text, change, report };
  useEffect(() => {
    const checked = linter(
      async ({ state }) => {
        const faults = await fetchJson<PromptFault[]>("/boardroom/prompts/check", {
          name,
          text: state.doc.toString(),
        });
        latest.current.report(faults);
        return faults.map(({ line, message }) => {
          const place = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
          const hole = /^\{\{ (\S+) \}\}/.exec(message)?.[1];
          const at = hole ? place.text.search(new RegExp(`\\{\\{-?\\s*${hole}\\b`)) : -1;
          const from = at < 0 ? place.from : place.from + at;
          const to = at < 0 ? place.to : place.from + place.text.indexOf("}}", at) + 2;
          return { from, to, severity: "error" as const, message };
        });
      },
      { delay: 300 },
    );
    const view = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          minimalSetup,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": `The prompt ${name}` }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.change(update.state.doc.toString());
          }),
          marked,
          lintGutter(),
          checked,
        ],
      }),
    });
    view.scrollDOM.tabIndex = 0; // so that the keyboard can scroll it
    editor.current = view;
    return () => view.destroy();
  }, [name]);
  useEffect(() => {
    const view = editor.current;
    if (view && view.state.doc.toString() !== text)
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);
  return <div className="prompt-editor" ref={place} />;
}
