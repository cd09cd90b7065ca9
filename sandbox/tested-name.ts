const BUILT_IN = new Set(
  (
    "abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr " +
    "dict dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash help hex id input int " +
    "isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print property range " +
    "repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip __import__"
  ).split(" "),
);
const KEYWORD =
  /^(?:False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/;
const TEXT = /[rbfu]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|#.*/gi;

/**
 * The name that tests are about: the first that they call and neither define, import nor assign, that Python does not
 * have, and that is not put around another such call (`isclose(area(2), 12.6)` is about `area`). Where nothing else is
 * called, what is named only, then a built-in's name.
 */
export function testedName(tests: readonly string[]): string | undefined {
  const code = tests.join("\n").replace(TEXT, "''");
  const own = ownNames(code);
  const uses = [...code.matchAll(/(?<![\w.])([A-Za-z_]\w*)(?!\w)(?!\s*=(?!=))/g)]
    .map(({ 1: name = "", index }) => ({
      name,
      called: /^\s*\(/.test(code.slice(index + name.length)),
      index,
    }))
    .filter(({ name }) => !KEYWORD.test(name) && !own.has(name));
  const open = uses.filter(({ name }) => !BUILT_IN.has(name) && !/(?:Error|Exception|Warning)$/.test(name));
  const called = open.filter((use) => use.called);
  const inner = called.find(
    ({ name }) => !called.some((use) => use.name === name && wraps(code, use, called)),
  );
  const modules = new Set([...code.matchAll(/(?<![\w.])(\w+)\s*\./g)].map(([, name]) => name));
  const named = open.find(({ name }) => !modules.has(name)) ?? uses.find((use) => use.called);
  return (inner ?? called[0] ?? named)?.name;
}

/** Names that the tests define, import or assign, parameters and loop variables included. */
function ownNames(code: string): Set<string> {
  const lists = [
    ...code.matchAll(/(?:^|[;\n])[ \t]*(?:from[ \t]+\S+[ \t]+)?import[ \t]+([^\n;]+)/g),
    ...code.matchAll(/\bfor[ \t]+([^:\n]+?)[ \t]+in\b/g),
    ...code.matchAll(/\bas[ \t]+(\w+)/g),
    ...code.matchAll(/\blambda\b([^:\n]*):/g),
    ...code.matchAll(/\bdef[ \t]+\w+[ \t]*\(([^)]*)\)/g),
    ...code.matchAll(/\b(?:def|class)[ \t]+(\w+)/g),
    ...code.matchAll(/^[ \t]*([A-Za-z_][\w, ]*?)[ \t]*(?:[-+*/]?=)(?!=)/gm),
    ...code.matchAll(/\b(\w+)[ \t]*:=/g),
  ];
  return new Set(lists.flatMap(([, list = ""]) => list.match(/[A-Za-z_]\w*/g) ?? []));
}

interface Use {
  name: string;
  index: number;
}

function wraps(code: string, { name, index }: Use, called: readonly Use[]): boolean {
  const end = closing(code, code.indexOf("(", index));
  return called.some((use) => use.index > index && use.index < end && use.name !== name);
}

/** Where the bracket that opens at `start` closes; the end of the code where it does not. */
function closing(code: string, start: number): number {
  let depth = 0;
  for (let at = start; at < code.length; at++) {
    if ("([{".includes(code[at]!)) depth += 1;
    else if (")]}".includes(code[at]!) && --depth === 0) return at;
  }
  return code.length;
}
