"""The two ends of a check. The judge runs the tests and alone says what they found; the candidate, in a process of
its own, loads the code under test and answers calls. Either is a function here; who isolates them is cell.py,
pyodide.mjs or a container, where `start` plays one of them on stdin and stdout."""

import ast
import json
import operator
import os
import sys
import types

from cases import Cases
from names import resolve
from peer import BETWEEN_OBJECTS, CandidateExit, Peer

REMEMBERED = 1 << 16  # characters of output that tests can look at
MEMORY_EXIT = 78  # the exit status of a script that ended by MemoryError


def candidate(source, files, peer_in, peer_out):
    """Serves the code under test until the judge leaves."""
    module = types.ModuleType("candidate")
    sys.modules["candidate"] = module
    write(files)
    printed = sys.stdout = sys.__stdout__ = Printed(sys.stdout)

    def load():
        load_module(source, module.__dict__)

    serves = {
        "load": load,
        "name": lambda name: getattr(module, name),
        "has": lambda name: hasattr(module, name),
        "call": call,
        "next": next,
        "send": lambda generator, value: generator.send(value),
        "await": asyncio_run,
        "getattr": getattr,
        "setattr": setattr,
        "bool": bool,
        "len": len,
        "hash": hash,
        "item": operator.getitem,
        "setitem": operator.setitem,
        "delitem": operator.delitem,
        "enter": lambda manager: manager.__enter__(),
        "exit": lambda manager: manager.__exit__(None, None, None),
        "iter": iter,
        "isinstance": isinstance,
        "issubclass": issubclass,
        "str": str,
        "repr": repr,
        "printed": printed.take,
        **{name: getattr(operator, name) for name in BETWEEN_OBJECTS},
    }
    peer = Peer(peer_in, peer_out, serves, lambda value: True, lambda reason: os._exit(0))
    while True:
        peer.serve(*peer.receive()[1:])
        flush()


def judge(setup, tests, entry_point, peer_in, peer_out, report_out):
    """Runs `setup` and then each of `tests` (Python sources), with the names that names.py says are the library's or
    the candidate's; writes {verdict, passed, total, detail} after each test, and never returns."""
    found = {"verdict": "crashed", "passed": 0, "total": len(tests), "detail": "the judge ended early"}

    def report(**news):
        found.update(news)
        os.write(report_out, json.dumps(found).encode() + b"\n")

    def finish(verdict, detail=""):
        report(verdict=verdict, detail=detail)
        flush()
        os._exit(0)

    def broken(reason):
        finish("crashed", f"the candidate {reason}")

    may_keep = lambda value: callable(value) or hasattr(value, "__next__")  # noqa: E731
    peer = Peer(peer_in, peer_out, {"call": call, "next": next}, may_keep, broken)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    scope = module.__dict__
    try:
        exec(compile(setup, "setup.py", "exec"), scope)
        codes = [compile(test, "tests.py", "exec") for test in tests]
    except BaseException as error:
        finish("failed", f"the tests do not load: {told(error)}")
    try:
        peer.ask("load")
        if entry_point:
            scope[entry_point] = peer.ask("name", entry_point)
        library, owned = resolve(tests, set(scope), entry_point, lambda name: peer.ask("has", name) is True)
        scope.update(library)
        for name in owned:
            scope[name] = peer.ask("name", name)
            peer.calls += not callable(scope[name])  # a constant is looked at, not called
    except BaseException as error:
        finish(cause(error), f"the candidate does not load: {told(error)}")
    worst, first = "passed", ""
    cases = Cases(tests, scope)
    for test, code in zip(tests, codes):
        peer.last = None
        try:
            cases.run(code)
        except BaseException as error:
            worst = "memory" if "memory" in (worst, cause(error)) else "failed"
            first = first or f"{label(test)}{told(error)}{got(error, peer.last)}"
        else:
            report(passed=found["passed"] + 1)
    if worst == "passed" and peer.calls == 0:
        finish("failed", "the tests never called the candidate")
    finish(worst, first)


def program(source, files):
    """Runs `source` as a script and ends the process with its exit status."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    write(files)
    status = 0
    try:
        exec(compile(source, "main.py", "exec"), module.__dict__)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
        if not isinstance(error.code, (int, type(None))):
            print(error.code, file=sys.stderr)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__.tb_next)
        status = MEMORY_EXIT if cause(error) == "memory" else 1
    flush()
    os._exit(status & 255)


def call(function, *args, **kwargs):
    return function(*args, **kwargs)


def asyncio_run(coroutine):
    import asyncio

    return asyncio.run(coroutine)


class Printed:
    """stdout of the candidate, which remembers what was printed since it was last asked."""

    def __init__(self, stream):
        self.stream = stream
        self.text = ""

    def write(self, text):
        self.text = (self.text + text)[-REMEMBERED:]
        return self.stream.write(text)

    def take(self):
        text, self.text = self.text, ""
        return text

    def __getattr__(self, name):
        return getattr(self.stream, name)


class NoInput:
    """stdin of the candidate: there is nobody to answer it."""

    def __getattr__(self, name):
        raise EOFError("there is no input")

    def __iter__(self):
        raise EOFError("there is no input")


def load_module(source, scope):
    """Runs the candidate's source. From the statement on that asks for input, as programs for a terminal do, what
    defines something is still run and other statements are not."""
    sys.stdin = NoInput()
    waits = False
    code = compile(source, "candidate.py", "exec", ast.PyCF_ONLY_AST)
    future = [node for node in code.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign)
    for node in code.body:
        if node in future or (waits and not isinstance(node, definitions)):
            continue
        lines = ast.Module(body=[*future, node], type_ignores=[])
        try:
            exec(compile(lines, "candidate.py", "exec"), scope)
        except EOFError:
            waits = True
        except Exception:
            if not waits:
                raise


def cause(error):
    too_big = isinstance(error, OverflowError) and "index-sized" in str(error)  # 10 GB where addresses have 32 bits
    return "memory" if too_big or isinstance(error, MemoryError) else "failed"


def told(error):
    if isinstance(error, CandidateExit):
        return "the candidate called sys.exit"
    return getattr(error, "where", None) or f"{type(error).__name__}: {error}"[:500].removesuffix(": ")


def got(error, last):
    if not isinstance(error, AssertionError) or last is None:
        return ""
    try:
        return f" (got {repr(last[0])[:300]})"
    except BaseException:  # a number of too many digits, an object whose repr fails
        return ""


def label(test):
    return f"{test.strip()}: " if len(test) <= 300 and "\n" not in test.strip() else ""


def write(files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w") as file:
            file.write(text)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def main(role, source, sink):
    """Plays `role` on two descriptors; the request is the first line of `source`."""
    line = b""
    while not line.endswith(b"\n"):
        line += os.read(source, 1) or b"\n"
    request = json.loads(line)
    if role == "judge":
        judge(request["setup"], request["tests"], request["entryPoint"], source, sink, sink)
    elif role == "candidate":
        candidate(request["source"], request["files"], source, sink)
    else:
        program(request["source"], request["files"])


def start(role):
    """One end as a process of its own, on stdin and stdout; "ready" is its first line."""
    answers = os.dup(1)
    if role != "run":
        os.dup2(2, 1)  # what the program prints goes to stderr: stdout is for the other end
    os.write(answers, b"ready\n")
    main(role, 0, answers)
