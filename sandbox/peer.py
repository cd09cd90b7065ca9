"""Calls between a trusted judge and an untrusted candidate: one JSON line per message, data and nothing else.

null, booleans, numbers and strings are JSON's own; any other value is a list that begins with its tag. Mutable
containers are numbered in the order they are met, on both sides alike, and their contents ride back with the
reply, so aliases, cycles and changes made in place survive a call. What is no data stays with its owner and
crosses as a number.
"""

import builtins
import collections
import datetime
import decimal
import fractions
import json
import os
import sys
import types

MESSAGE_BYTES = 16 << 20
CONTAINERS = {"list": list, "dict": dict, "set": set, "bytearray": bytearray}
PLAIN = (str, bytes, int, float, bool, type(None))
BASES = (int, float, str, bytes, tuple, list, dict, set, frozenset)
TYPES = {kind.__name__: kind for kind in (*BASES, bool, complex, bytearray, range, object, type(None))}

# Immutable (or copied) values: tag -> (type, its parts, how to make it of them).
VALUES = {
    "int": (int, lambda v: (hex(v),), lambda text: int(text, 16)),
    "tuple": (tuple, tuple, lambda *items: items),
    "frozenset": (frozenset, tuple, lambda *items: frozenset(items)),
    "complex": (complex, lambda v: (v.real, v.imag), complex),
    "bytes": (bytes, lambda v: (v.hex(),), bytes.fromhex),
    "memoryview": (memoryview, lambda v: (bytes(v),), memoryview),
    "slice": (slice, lambda v: (v.start, v.stop, v.step), slice),
    "time": (datetime.time, lambda v: (v.isoformat(),), datetime.time.fromisoformat),
    "ellipsis": (type(...), lambda v: (), lambda: ...),
    "range": (range, lambda v: (v.start, v.stop, v.step), range),
    "Decimal": (decimal.Decimal, lambda v: (str(v),), decimal.Decimal),
    "Fraction": (fractions.Fraction, lambda v: (v.numerator, v.denominator), fractions.Fraction),
    "date": (datetime.date, lambda v: (v.isoformat(),), datetime.date.fromisoformat),
    "datetime": (datetime.datetime, lambda v: (v.isoformat(),), datetime.datetime.fromisoformat),
    "timedelta": (datetime.timedelta, lambda v: (v.days, v.seconds, v.microseconds), datetime.timedelta),
    "deque": (collections.deque, lambda v: (tuple(v), v.maxlen), collections.deque),
    "Counter": (collections.Counter, lambda v: tuple(v.items()), lambda *pairs: collections.Counter(dict(pairs))),
    "OrderedDict": (collections.OrderedDict, lambda v: tuple(v.items()), lambda *p: collections.OrderedDict(p)),
    "keys": (type({}.keys()), tuple, lambda *keys: dict.fromkeys(keys).keys()),
    "values": (type({}.values()), tuple, lambda *values: dict(enumerate(values)).values()),
    "items": (type({}.items()), tuple, lambda *pairs: dict(pairs).items()),
}
TAGS = {kind: tag for tag, (kind, _, _) in (*VALUES.items(), *((t, (k, 0, 0)) for t, k in CONTAINERS.items()))}


# Operators that are asked of the other side, between two objects of its own only.
BETWEEN_OBJECTS = "eq lt le gt ge add sub mul truediv floordiv mod and_ or_ xor matmul".split()


class CandidateExit(SystemExit):
    """The candidate called sys.exit: never the exit of the tests themselves."""


class Remote:
    """An object that lives in the other process. It computes nothing here, and arithmetic, order and equality are
    had only with another object of that process, so that no value of it can pose as a number, a text or a list."""

    def __init__(self, peer, number):
        self.__dict__.update(_peer=peer, _number=number)

    def __getattr__(self, name):
        if name.startswith("__") and name not in ("__name__", "__qualname__", "__annotations__"):
            raise AttributeError(name)
        return self._peer.ask("getattr", self, name)

    def __setattr__(self, name, value):
        self._peer.ask("setattr", self, name, value)

    @property
    def __doc__(self):
        return self._peer.ask("getattr", self, "__doc__")

    def __call__(self, *args, **kwargs):
        return self._peer.ask("call", self, *args, **kwargs)

    def __hash__(self):
        return self._peer.ask("hash", self)

    def __bool__(self):
        return self._peer.ask("bool", self) is True

    def __len__(self):
        return self._peer.ask("len", self)

    def __getitem__(self, key):
        return self._peer.ask("item", self, key)

    def __setitem__(self, key, value):
        self._peer.ask("setitem", self, key, value)

    def __delitem__(self, key):
        self._peer.ask("delitem", self, key)

    def __iter__(self):
        return self._peer.ask("iter", self)

    def __next__(self):
        return self._peer.ask("next", self)

    def __enter__(self):
        return self._peer.ask("enter", self)

    def __exit__(self, *error):
        """Never swallows what the tests raise."""
        self._peer.ask("exit", self)

    def __instancecheck__(self, value):
        asked = isinstance(value, Remote) or hasattr(type(value), "_fields")
        return asked and self._peer.ask("isinstance", value, self) is True

    def __subclasscheck__(self, kind):
        return isinstance(kind, Remote) and self._peer.ask("issubclass", kind, self) is True

    def __str__(self):
        return self._peer.ask("str", self)

    def __repr__(self):
        return self._peer.ask("repr", self)


def between(name):
    def ask(self, other):
        return self._peer.ask(name, self, other) if isinstance(other, Remote) else NotImplemented

    return ask


for _name in BETWEEN_OBJECTS:
    setattr(Remote, f"__{_name.strip('_')}__", between(_name))


def pull(iterator):
    """A generator over the other side's iterator."""
    op, sent = "next", ()
    while True:
        try:
            value = iterator._peer.ask(op, iterator, *sent)
        except StopIteration as end:
            return end.value
        given = yield value
        op, sent = ("next", ()) if given is None else ("send", (given,))


async def wait_for(coroutine):
    """A coroutine that runs the other side's to its end."""
    return coroutine._peer.ask("await", coroutine)


class Peer:
    """One end of the line. `serves`: what the other end may ask for by name; `may_keep`: what it may hold on to;
    `broken(reason)`: called when the other end left or sent what is no message, and does not return."""

    def __init__(self, source, sink, serves, may_keep, broken):
        self.source = os.fdopen(source, "rb")
        self.sink = sink
        self.serves = serves
        self.may_keep = may_keep
        self.broken = broken
        self.kept = []
        self.numbers = {}  # id of a kept value -> its number
        self.objects = {}  # number -> the one Remote of it
        self.records = {}  # (name, fields) -> the class of such named tuples
        self.errors = {}
        self.calls = 0  # how often the other side was called or looked into, and what it said last, in a tuple
        self.last = None

    def ask(self, op, *args, **kwargs):
        if op != "call" or sys.stdout is sys.__stdout__:
            return self.exchange(op, *args, **kwargs)
        self.exchange("printed")  # the tests look at what is printed: a call's own text comes after it
        try:
            return self.exchange(op, *args, **kwargs)
        finally:
            last = self.last
            sys.stdout.write(str(self.exchange("printed")))
            self.last = last

    def exchange(self, op, *args, **kwargs):
        table = []
        self.calls += op in ("call", "getattr")
        self.last = None
        self.send(pack("ask", op, self.encode((args, tuple(kwargs.items())), table, {})))
        while True:
            kind, *rest = self.receive()
            if kind == "ask":
                self.serve(*rest)
                continue
            try:
                state, value = rest
                for target, contents in zip(list(table), state or []):
                    self.fill(target, contents, table)
                result = self.decode(value, table)
                if kind == "raise":
                    result = self.error(*result)
            except Exception as error:
                self.broken(f"sent no value ({type(error).__name__})")
            if kind == "raise":
                if isinstance(result, StopIteration) and op not in ("next", "send"):
                    result = RuntimeError("StopIteration")  # else it would quietly end a loop of the tests
                raise result
            self.last = (result,)
            return result

    def serve(self, op, wire):
        table = []
        try:
            args, kwargs = self.decode(wire, table)
        except Exception as error:
            self.broken(f"sent no call ({type(error).__name__})")
        known = len(table)
        kind = "return"
        try:
            value = self.serves[op](*args, **dict(kwargs))
        except BaseException as error:
            kind, value = "raise", describe(error)
        try:
            seen = {id(held): at for at, held in enumerate(table)}
            state = [self.contents(held, table, seen) for held in table[:known]]
            line = pack(kind, state, self.encode(value, table, seen))
        except Exception as error:
            reason = error if isinstance(error, MemoryError) else TypeError(f"the result cannot cross: {error}")
            line = pack("raise", None, self.encode(describe(reason), [], {}))
        self.send(line)

    def send(self, line):
        try:
            while line:
                line = line[os.write(self.sink, line) :]
        except OSError as error:
            self.broken(f"is gone ({error.strerror})")

    def receive(self):
        line = self.source.readline(MESSAGE_BYTES)
        if not line:
            self.broken("ended before it answered")
        try:
            message = json.loads(line)
            if message[0] not in ("ask", "return", "raise") or len(message) != 3:
                raise ValueError
            return message
        except (ValueError, TypeError, LookupError, RecursionError):
            self.broken("sent no message")

    def encode(self, value, table, seen):
        kind = type(value)
        if value is None or kind in (bool, str, float) or (kind is int and -(1 << 63) < value < 1 << 63):
            return value
        if id(value) in seen:
            return ["same", seen[id(value)]]
        tag = TAGS.get(kind)
        if tag in CONTAINERS:
            seen[id(value)] = len(table)
            table.append(value)
            return [tag, self.contents(value, table, seen)]
        if tag:
            return [tag, *(self.encode(part, table, seen) for part in VALUES[tag][1](value))]
        if isinstance(value, Remote):
            return ["own", value._number]
        if isinstance(value, type):
            if value in TYPES.values():
                return ["type", value.__name__]
            if issubclass(value, BaseException):
                return ["error", names(value)]
        if isinstance(value, tuple) and hasattr(kind, "_fields"):
            self.records.setdefault((kind.__name__, tuple(kind._fields)), kind)
            return ["record", kind.__name__, list(kind._fields), *(self.encode(part, table, seen) for part in value)]
        for base in BASES:
            if isinstance(value, base):
                return self.encode(base(value), table, seen)
        if hasattr(kind, "__next__") and getattr(kind, "__module__", "") != "candidate":
            return ["iterator", self.keep(value)]
        if isinstance(value, types.CoroutineType):
            return ["coroutine", self.keep(value)]
        return ["object", self.keep(value)]

    def contents(self, value, table, seen):
        if type(value) is bytearray:
            return value.hex()
        if type(value) is dict:
            return [[self.encode(k, table, seen), self.encode(v, table, seen)] for k, v in value.items()]
        return [self.encode(item, table, seen) for item in value]

    def keep(self, value):
        if not self.may_keep(value):
            raise TypeError(f"a {type(value).__name__} of the tests cannot be given to the candidate")
        if id(value) not in self.numbers:
            self.numbers[id(value)] = len(self.kept)
            self.kept.append(value)
        return self.numbers[id(value)]

    def remote(self, number):
        """One for each object of the other side, so that `is` holds here as it does there."""
        return self.objects.setdefault(int(number), Remote(self, int(number)))

    def record(self, name, fields, *parts):
        key = (str(name), tuple(map(str, fields)))
        if key not in self.records:
            self.records[key] = collections.namedtuple(*key)
        return tuple.__new__(self.records[key], parts) if len(parts) == len(key[1]) else None

    def decode(self, wire, table):
        if type(wire) is not list:
            if type(wire) is dict:
                raise ValueError("no value")
            return wire
        tag, *parts = wire
        if tag in CONTAINERS:
            value = CONTAINERS[tag]()
            table.append(value)
            self.fill(value, parts[0], table)
            return value
        if tag in VALUES:
            return VALUES[tag][2](*(self.decode(part, table) for part in parts))
        if tag == "record":
            return self.record(parts[0], parts[1], *(self.decode(part, table) for part in parts[2:]))
        (part,) = parts
        if tag == "same":
            return table[part]
        if tag == "own":
            return self.kept[part]
        if tag == "type":
            return TYPES[part]
        if tag == "error":
            return self.error_class(tuple(part))
        if tag == "iterator":
            return pull(self.remote(part))
        if tag == "coroutine":
            return wait_for(self.remote(part))
        if tag == "object":
            return self.remote(part)
        raise ValueError("no value")

    def fill(self, target, contents, table):
        if type(target) is bytearray:
            target[:] = bytes.fromhex(contents)
            return
        if type(target) is dict:
            fresh = [(self.decode(k, table), self.decode(v, table)) for k, v in contents]
        else:
            fresh = [self.decode(item, table) for item in contents]
        target.clear()
        target.extend(fresh) if type(target) is list else target.update(fresh)

    def error(self, chain, args, text, attributes):
        kind = self.error_class(tuple(chain))
        try:
            error = kind(*args)
        except Exception:
            error = kind.__new__(kind, str(text))
        for name, value in attributes:
            setattr(error, str(name), value)
        error.where = str(text)
        return error

    def error_class(self, chain):
        """The nearest built-in exception; an exception class of the candidate's own gets a namesake here."""
        found = (getattr(builtins, str(name), None) for name in chain)
        base = next((kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseException)), Exception)
        if issubclass(base, SystemExit):
            base = CandidateExit
        elif chain[0] == base.__name__:
            return base
        return self.errors.setdefault(chain, type(str(chain[0]), (base,), {}))


def pack(*message):
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    if len(line) > MESSAGE_BYTES:
        raise ValueError("more than 16 MB in one call")
    return line


def names(kind):
    return [base.__name__ for base in kind.__mro__]


def describe(error):
    """(class names, arguments, "Name: text (line n)", attributes) of an exception."""
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "candidate.py":
            line = trace.tb_lineno
        trace = trace.tb_next
    args = error.args if all(type(arg) in PLAIN for arg in error.args) else ()
    attributes = tuple((name, value) for name, value in vars(error).items() if name[0] != "_" and type(value) in PLAIN)
    try:
        said = str(error)[:500]
    except Exception:
        said = ""
    text = f"{type(error).__name__}: {said}".removesuffix(": ") + (f" (line {line})" if line else "")
    return tuple(names(type(error))), args, text, attributes
