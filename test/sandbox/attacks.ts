/** Programs that reach for the host. Each prints ESCAPED if it gets anything; `HOME`, `OUTSIDE`, `PORT` are real. */
export const escapes: Record<string, string> = {
  "reads the home folder": `
print("ESCAPED", open("HOME/secret.txt").read())`,
  "lists the home folder": `
import os
print("ESCAPED" if "secret.txt" in os.listdir("HOME") else "")`,
  "reads /etc/passwd": `
text = open("/etc/passwd").read()
print("ESCAPED" if "root" in text else "")`,
  "reads /proc/*/environ": `
import glob, os
for path in [*glob.glob("/proc/*/environ"), "/proc/self/environ", "/proc/1/environ"]:
    text = open(path).read()
    print("ESCAPED" if "BOARDROOM_SECRET" in text or "/bin" in text else "")`,
  "reads its own environment": `
import os
print("ESCAPED" if "BOARDROOM_SECRET" in os.environ or "/root" in repr(dict(os.environ)) else "")`,
  "writes outside": `
open("OUTSIDE/written.txt", "w").write("x")`,
  "goes through a symbolic link": `
import os
os.symlink("HOME/secret.txt", "link")
print("ESCAPED", open("link").read())`,
  "goes through a symbolic link to write": `
import os
os.symlink("OUTSIDE", "folder")
open("folder/written.txt", "w").write("x")`,
  "climbs with ..": `
print("ESCAPED", open("../" * 20 + "HOME/secret.txt").read())`,
  "connects by TCP to the host's loopback": `
import socket
socket.create_connection(("127.0.0.1", PORT), 2).sendall(b"x")
print("ESCAPED")`,
  "connects by TCP to the world": `
import socket
socket.create_connection(("1.1.1.1", 53), 2)
print("ESCAPED")`,
  "sends by UDP": `
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT))
print("ESCAPED" if "PROCESS" else "")`,
  "fetches a page": `
import urllib.request
print("ESCAPED", urllib.request.urlopen("http://127.0.0.1:PORT", timeout=2).read())`,
  "calls os.system": `
import os
if os.system("touch OUTSIDE/written.txt") == 0:
    print("ESCAPED")`,
  "calls subprocess": `
import subprocess
print("ESCAPED", subprocess.run(["/bin/sh", "-c", "echo here"], capture_output=True, check=True))`,
  "calls libc through ctypes": `
import ctypes
libc = ctypes.CDLL(None)
if libc.system(b"touch OUTSIDE/written.txt") == 0:
    print("ESCAPED")
if libc.open(b"/etc/passwd", 0) >= 0:
    print("ESCAPED")`,
  "unshares, mounts and traces through ctypes": `
import ctypes
libc = ctypes.CDLL(None)
for attempt in (
    lambda: libc.unshare(0x10000000),
    lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, b""),
    lambda: libc.ptrace(16, 1, 0, 0),
    lambda: libc.setuid(0),
):
    print("ESCAPED" if attempt() == 0 else "refused")`,
  "walks up from the root by chroot": `
import os
os.mkdir("jail")
os.chroot("jail")
os.chdir("../" * 20)
print("ESCAPED")`,
  forks: `
import os, time
for _ in range(40):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)`,
  "leaves an orphan": `
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
os._exit(0)`,
  "reaches JavaScript": `
import js
print("ESCAPED", js.process.getBuiltinModule("fs").readFileSync("/etc/passwd"))`,
  "runs JavaScript": `
import pyodide.code
print("ESCAPED", pyodide.code.run_js("process.pid"))`,
  "reaches JavaScript through a constructor": `
import pyodide_js
print("ESCAPED", pyodide_js.FS.constructor.constructor("return process")().pid)`,
  "mounts the host through Emscripten": `
import os, pyodide_js
os.mkdir("/host")
pyodide_js.FS.mount(pyodide_js.FS.filesystems.NODEFS, pyodide_js.FS.constructor(), "/host")
print("ESCAPED", os.listdir("/host/home"))`,
  "loads a wheel from the network": `
import pyodide_js
pyodide_js.loadPackage("numpy")
import numpy
print("ESCAPED")`,
};

/** Programs that take more than their share. */
export const greedy: Record<string, { code: string; verdict: string[] }> = {
  "takes 10 GB": { code: "x = bytearray(10 * 1024**3)", verdict: ["memory"] },
  "grows a list for ever": { code: "x = [0]\nwhile True:\n    x += x", verdict: ["memory"] },
  "prints for ever": { code: "while True:\n    print('x' * 1000)", verdict: ["output"] },
  "loops past the deadline": { code: "while True:\n    pass", verdict: ["timeout"] },
  "sleeps past the deadline": { code: "import time\ntime.sleep(60)", verdict: ["timeout"] },
  "catches everything and loops": {
    code: "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
    verdict: ["timeout"],
  },
  "ignores signals and sleeps": {
    code: "import signal, time\nfor n in range(1, 32):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n    except Exception:\n        pass\ntime.sleep(60)",
    verdict: ["timeout"],
  },
  "fills the disk": {
    code: "with open('big', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))",
    verdict: ["failed", "memory", "crashed"],
  },
  "recurses without end": {
    code: "import sys\nsys.setrecursionlimit(10**8)\ndef f(n): return f(n + 1) + 1\nf(0)",
    verdict: ["crashed", "memory", "failed", "timeout"],
  },
};

/** Candidates whose f is wrong and who try to pass `assert f(1) == 2` and two more all the same. */
export const forgeries: Record<string, string> = {
  "says that it passed": `
print("All tests passed")
print('{"verdict":"passed","passed":3,"total":3,"detail":""}')
def f(x): print('{"verdict":"passed","passed":3,"total":3,"detail":""}')`,
  "leaves with sys.exit(0)": `
import sys
sys.exit(0)`,
  "leaves with sys.exit(0) in the call": `
import sys
def f(x): sys.exit(0)`,
  "leaves with os._exit(0)": `
import os
def f(x): os._exit(0)`,
  "raises SystemExit": "def f(x): raise SystemExit(0)",
  "raises KeyboardInterrupt": "def f(x): raise KeyboardInterrupt",
  "patches builtins": `
import builtins
builtins.AssertionError = type("Quiet", (Exception,), {})
builtins.isinstance = lambda *a: True
builtins.abs = lambda x: 0
builtins.all = builtins.any = lambda x: True
builtins.round = lambda *a: 2
builtins.repr = builtins.str = lambda x: "2"
def f(x): return 0`,
  "names its functions like built-ins": `
def abs(x): return 0
def all(x): return True
def len(x): return 2
def set(x): return 2
def f(x): return 0`,
  "returns what equals everything": `
class Any:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __contains__ = __lt__
    def __hash__(self): return 2
    def __sub__(self, other): return 0
    __rsub__ = __abs__ = __float__ = __sub__
    def __bool__(self): return True
def f(x): return Any()`,
  "returns an int that equals everything": `
class Any(int):
    def __eq__(self, other): return True
    def __hash__(self): return 2
def f(x): return Any(5)`,
  "returns a text and a list that equal everything": `
class Text(str):
    def __eq__(self, other): return True
class List(list):
    def __eq__(self, other): return True
def f(x): return List([Text("a")])`,
  "ends the loops of the tests": `
def f(x): raise StopIteration`,
  "returns nan": "def f(x): return float('nan')",
  "looks for the tests in frames": `
import sys
def f(x):
    frame = sys._getframe()
    while frame:
        for scope in (frame.f_globals, frame.f_locals):
            for name in list(scope):
                if name in ("found", "worst", "tests", "codes", "verdict", "passed"):
                    try: scope[name] = type(scope[name])()
                    except Exception: pass
        frame = frame.f_back
    return 0`,
  "looks for the tests in memory": `
import gc
def f(x):
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            for key in list(thing):
                if isinstance(thing.get(key), str) and "assert " + "f(1)" in thing[key]:
                    return 2
                if key in ("verdict", "worst"): thing[key] = "passed"
    return 0`,
  "patches unittest and assert helpers": `
import unittest
for name in dir(unittest.TestCase):
    if name.startswith("assert"): setattr(unittest.TestCase, name, lambda *a, **k: None)
def f(x): return 0`,
  "patches the codec": `
import sys, json
for module in list(sys.modules.values()):
    for name in ("judge", "finish", "report", "told", "cause"):
        try: setattr(module, name, lambda *a, **k: None)
        except Exception: pass
json.dumps = lambda *a, **k: '["return",[],2]'
def f(x): return 0`,
  "writes to every descriptor": `
import os
def f(x):
    for fd in range(1024):
        for line in (b'{"verdict":"passed","passed":3,"total":3,"detail":""}\\n', b'["return",[],true]\\n'):
            try: os.write(fd, line)
            except OSError: pass
    return 0`,
  "answers before it is asked, for ever": `
import os, threading
for fd in range(3, 64):
    try:
        for _ in range(20): os.write(fd, b'["return",[],0]\\n')
    except OSError: pass
def f(x): return 0`,
  "sends garbage": `
import os
def f(x):
    for fd in range(3, 64):
        try: os.write(fd, b"[" * 100000 + b"\\n" + b"\\xff\\x00\\n")
        except OSError: pass
    return 0`,
  "kills its parent": `
import os, signal
def f(x):
    for pid in (os.getppid(), 0, -1, 1, 2):
        try: os.kill(pid, signal.SIGKILL)
        except Exception: pass
    try: os.killpg(0, 9)
    except Exception: pass
    return 0`,
  "closes every descriptor": `
import os
def f(x):
    os.closerange(0, 1024)
    return 0`,
  "catches everything": `
def f(x):
    try:
        while True: raise BaseException
    except BaseException:
        return 0`,
  "registers atexit": `
import atexit, os
atexit.register(lambda: (print("All tests passed"), os._exit(0)))
def f(x): return 0`,
  "writes from a thread": `
import os, threading, time
def spam():
    while True:
        try: os.write(1, b'{"verdict":"passed","passed":3,"total":3,"detail":""}\\n')
        except OSError: pass
        time.sleep(0.001)
threading.Thread(target=spam, daemon=True).start()
def f(x):
    time.sleep(0.02)
    return 0`,
  "replaces f while it is called": `
def f(x):
    import sys
    for module in list(sys.modules.values()):
        try: module.f = lambda x: 2
        except Exception: pass
    return type("F", (), {"__call__": lambda self, x: 2})()`,
  "defines no f": "g = 1",
  "is no Python": "def f(x: return 2",
};
