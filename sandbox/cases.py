"""Test cases that a test source defines: those of unittest, and those that only pytest would run."""

import ast
import sys
import types


class Cases:
    """What plain Python would let pass in silence (`unittest.main(exit=False)`, a test that nobody runs) is run once,
    and a failure raises. `run` does so for each source."""

    def __init__(self, sources, scope):
        self.scope = scope
        self.failures = []
        self.seen = set()
        trees = [ast.parse(source) for source in sources]
        self.used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if any("unittest" in source for source in sources):
            self.watch_unittest()

    def watch_unittest(self):
        import unittest

        result = unittest.TestResult
        start, failures, seen = result.startTest, self.failures, self.seen

        def started(self, test):
            seen.add(type(test))
            start(self, test)

        def failed(add, at):
            def added(self, *args):
                error = args[at][1] if args[at] else None
                if error is not None:
                    failures.append(error)
                return add(self, *args)

            return added

        def unexpected(self, test):
            failures.append(AssertionError(f"{test} succeeded unexpectedly"))

        result.startTest = started
        result.addFailure = failed(result.addFailure, 1)
        result.addError = failed(result.addError, 1)
        result.addSubTest = failed(result.addSubTest, 2)
        result.addUnexpectedSuccess = unexpected

    def run(self, code):
        """Runs one source and the cases it defines; raises what fails first."""
        try:
            exec(code, self.scope)
        except SystemExit as error:
            if not self.failures and (type(error) is not SystemExit or error.code not in (None, 0, False)):
                raise
        for name, value in list(self.scope.items()):
            if getattr(value, "__module__", None) != "__main__":
                continue
            if isinstance(value, type) and value not in self.seen:
                self.run_class(name, value)
            elif isinstance(value, types.FunctionType) and value not in self.seen:
                self.run_function(name, value)
        if self.failures:
            error = self.failures[0]
            self.failures.clear()
            raise error

    def run_function(self, name, function):
        if name.startswith("test_") and name not in self.used and takes(function) == 0:
            self.seen.add(function)
            function()

    def run_class(self, name, kind):
        unittest = sys.modules.get("unittest")
        if unittest and issubclass(kind, unittest.TestCase):
            self.seen.add(kind)
            unittest.defaultTestLoader.loadTestsFromTestCase(kind).run(unittest.TestResult())
        elif name.startswith("Test") and name not in self.used:
            self.seen.add(kind)
            for method in [method for method in vars(kind) if method.startswith("test")]:
                getattr(kind(), method)()


def takes(function):
    """How many arguments a call must give."""
    return function.__code__.co_argcount - len(function.__defaults__ or ()) + function.__code__.co_kwonlyargcount
