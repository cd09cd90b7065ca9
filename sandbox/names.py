"""Where the names come from that tests use and do not define: Python's own library, or the candidate. What a test
only leans on (`Counter`, `math.isclose`) is never the candidate's, or it could forge a verdict."""

import ast
import builtins
import importlib
import sys

# Modules whose functions tests use without importing them.
SOURCES = "bisect functools heapq itertools math operator random statistics".split()
# Names that nobody is asked to write: they are the library's wherever they stand.
LIBRARY_ONLY = {
    "collections": "ChainMap Counter OrderedDict UserDict UserList defaultdict deque namedtuple",
    "contextlib": "contextmanager redirect_stderr redirect_stdout suppress",
    "copy": "copy deepcopy",
    "dataclasses": "asdict astuple dataclass is_dataclass",
    "datetime": "date datetime timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "functools": "cmp_to_key lru_cache partial reduce",
    "io": "BytesIO StringIO",
    "itertools": "chain islice takewhile zip_longest",
    "math": "inf isclose isfinite isinf isnan nan pi",
    "operator": "attrgetter itemgetter",
    "types": "FunctionType GeneratorType SimpleNamespace",
    "typing": "Any Callable Dict Iterable Iterator List Optional Set Tuple Union",
    "unittest": "TestCase",
}
HOME = {name: module for module, names in LIBRARY_ONLY.items() for name in names.split()}
MODULES = frozenset(getattr(sys, "stdlib_module_names", [*SOURCES, *LIBRARY_ONLY]))


class Uses(ast.NodeVisitor):
    """What test sources define, and how they use what they do not. Scopes within a source are not told apart."""

    def __init__(self, sources):
        self.defined = set()  # by def, class or import, anywhere at the top level
        self.bound = set()  # assigned, or a parameter
        self.plain = []  # names used as themselves, in their order
        self.attributes = {}  # name -> the attributes that are taken of it
        self.together = []  # for each simple statement, its names
        for source in sources:
            tree = ast.parse(source)
            self.visit(tree)
        self.free = [name for name in dict.fromkeys([*self.plain, *self.attributes]) if name not in self.defined]

    def visit(self, node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self.defined.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.defined |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.arg):
            self.bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self.bound.add(node.name)
        elif isinstance(node, (ast.Assert, ast.Expr, ast.Assign, ast.AugAssign, ast.Return)):
            self.together.append({part.id for part in ast.walk(node) if isinstance(part, ast.Name)})
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            self.attributes.setdefault(node.value.id, set()).add(node.attr)
            return
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.plain.append(node.id)
            else:
                self.bound.add(node.id)
        self.generic_visit(node)


def library_value(name, uses):
    """The module or value of Python's library that `name` must mean as it is used, in a tuple; else None."""
    wanted = uses.attributes.get(name, set())
    if name in MODULES and name not in uses.plain and name not in uses.bound:
        module = imported(name)
        if module and all(hasattr(module, attribute) for attribute in wanted):
            return (module,)
    if name in HOME and name not in uses.bound:
        return (getattr(imported(HOME[name]), name),)
    return None


def leaned_on(name, uses, others):
    """The library's function of that name, in a tuple, where a statement applies it to something of the candidate."""
    if name in uses.bound or not any(name in names and names & others for names in uses.together):
        return None
    found = (getattr(imported(module), name, None) for module in SOURCES)
    return next(((value,) for value in found if value is not None), None)


def imported(module):
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def resolve(sources, given, entry_point, has):
    """(what the library gives, by name; names to ask the candidate for). `given`: names that are there already;
    `has(name)`: whether the candidate defines it. A built-in is the candidate's only where nothing else of it is
    tested: the first that it defines."""
    uses = Uses(sources)
    open_names = [name for name in uses.free if name not in given and name != entry_point]
    library, asked = {}, []
    for name in open_names:
        if hasattr(builtins, name):
            continue
        value = library_value(name, uses)
        if value:
            library[name] = value[0]
        else:
            asked.append(name)
    standard = {name for name in asked if any(callable(getattr(imported(one), name, None)) for one in SOURCES)}
    others = {name for name in asked if name not in standard and has(name)} | ({entry_point} - {None})
    for name in [name for name in asked if name in standard]:
        value = leaned_on(name, uses, others)
        if value:
            library[name] = value[0]
            asked.remove(name)
    owned = [name for name in asked if has(name)]
    if not owned and not entry_point:
        called = [name for name in uses.plain if name in open_names and name not in given]
        owned = [name for name in called if has(name)][:1]
        for name in owned:
            library.pop(name, None)
    return library, owned
