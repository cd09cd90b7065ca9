"""A warm cell: `python3 -I -S cell.py`. It enters namespaces of its own, keeps only the interpreter's library in
sight, and then, for each request on stdin, forks three processes and answers with one JSON line on stdout:

  supervisor  trusted; holds the deadline and the output limit, kills and reaps
    judge     first process of a new pid namespace; runs the tests (see judge.py)
      candidate   first process of another one, below; is all that ever sees the code under test

A namespace dies with its first process, so nothing outlives a program. Forking copies an interpreter that never
ran a program, so each starts as clean as a fresh `python3 -I -S`, only sooner.
"""

import ctypes
import gc
import json
import os
import resource
import select
import signal
import struct
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import judge as roles  # noqa: E402

sys.path.remove(HERE)
for warm in "bisect cmath copy dataclasses enum hashlib heapq itertools math random re statistics string typing".split():
    __import__(warm)

libc = ctypes.CDLL(None, use_errno=True)
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 2, 4, 4096, 16384, 1 << 18, 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442
NOBODY = 65534


def check(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def prctl(option, value, pointer=None):
    none = ctypes.c_ulong(0)
    check(libc.prctl(option, ctypes.c_ulong(value), pointer or none, none, none), f"prctl {option}")


def unshare(flags):
    check(libc.unshare(flags), "unshare")


def mount(source, target, kind, flags, options=""):
    check(libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()), f"mount {target}")


def read_only(target, deep):
    """mount_setattr(2): keeps the locked flags of the host's mounts, and reaches the mounts below."""
    attributes = struct.pack("QQQQ", 1 | 2 | 4, 0, 0, 0)  # read-only, no set-uid, no devices
    recursive = 0x8000 if deep else 0
    done = libc.syscall(MOUNT_SETATTR, -100, target.encode(), recursive, attributes, len(attributes))
    check(done, f"mount_setattr {target}")


def write_file(path, text):
    with open(path, "w") as file:
        file.write(text)


def enter_namespaces():
    """As root, two users are mapped: root for the set-up, nobody for what runs; else the caller, as nobody."""
    ids = {"uid_map": os.geteuid(), "gid_map": os.getegid()}
    root = os.geteuid() == 0
    ready, go = os.pipe()
    cell = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.close(go)
        os.read(ready, 1)
        if not root:
            write_file(f"/proc/{cell}/setgroups", "deny")
        for name, own in ids.items():
            write_file(f"/proc/{cell}/{name}", f"0 0 1\n{NOBODY} {NOBODY} 1\n" if root else f"{NOBODY} {own} 1\n")
        os._exit(0)
    try:
        unshare(NEWUSER | NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET)
    finally:
        os.close(go)
        status = os.waitpid(helper, 0)[1]
    if status:
        raise OSError("the user map cannot be written")
    return root


def library_paths():
    """What must stay in sight: the standard library, and the folders of the shared libraries it loads."""
    paths = {os.path.realpath(path) for path in sys.path if os.path.exists(path)} | set(sys.path)
    with open("/proc/self/maps") as maps:
        loaded = {line.split(maxsplit=5)[5].strip() for line in maps if ".so" in line}
    paths |= {os.path.dirname(path) for path in loaded if path.startswith("/")}
    kept = []
    for path in sorted(path for path in paths if os.path.exists(path)):
        if not any(path.startswith(f"{above}/") for above in kept):
            kept.append(path)
    return kept


def build_root():
    """A root of nothing but `library_paths`, /dev/null, /dev/zero, /dev/urandom and an empty /tmp."""
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    new = "/sys"
    mount("tmpfs", new, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    mask = os.umask(0o666)  # the folders on the way to the library can be walked, not listed
    for path in library_paths():
        os.makedirs(os.path.dirname(new + path), exist_ok=True)
        os.mkdir(new + path) if os.path.isdir(path) else write_file(new + path, "")
        mount(path, new + path, "", MS_BIND | MS_REC)
        read_only(new + path, True)
    os.makedirs(f"{new}/dev", exist_ok=True)
    for name in ("null", "zero", "urandom"):
        write_file(f"{new}/dev/{name}", "")
        mount(f"/dev/{name}", f"{new}/dev/{name}", "", MS_BIND)
    os.mkdir(f"{new}/tmp")
    os.umask(mask)
    os.chdir(new)
    check(libc.syscall(PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")
    read_only("/", False)


# Second layer, below the namespaces: calls that no function under test needs. A number per machine, None: not there.
ARCHES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
CLONE = (56, 220)
REFUSED = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "socket": (41, 198),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "personality": (135, 92),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "open_by_handle_at": (304, 265), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "open_tree": (428, 428), "fsopen": (430, 430),
    "move_mount": (429, 429), "mount_setattr": (442, 442), "pidfd_getfd": (438, 438), "quotactl": (179, 60),
}  # fmt: skip


def seccomp_filter():
    arch, column = ARCHES[os.uname().machine]
    load, equal, at_least, has_bits, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, eperm, enosys = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
    rules = [(load, 0, 0, 4), (equal, 1, 0, arch), (answer, 0, 0, kill), (load, 0, 0, 0)]
    rules += [(at_least, 0, 1, 0x40000000), (answer, 0, 0, kill)]  # x32 calls
    rules += [(equal, 0, 1, 435), (answer, 0, 0, enosys)]  # clone3: libc then uses clone, whose flags can be read
    for numbers in REFUSED.values():
        if numbers[column] is not None:
            rules += [(equal, 0, 1, numbers[column]), (answer, 0, 0, eperm)]
    thread = 0x00010000
    rules += [(equal, 0, 3, CLONE[column]), (load, 0, 0, 16), (has_bits, 1, 0, thread), (answer, 0, 0, eperm)]
    return b"".join(struct.pack("HBBI", *rule) for rule in [*rules, (answer, 0, 0, allow)])


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("rules", ctypes.c_char_p)]


def lock_down(root, limits):
    """Limits, no privilege, no way back to one; what runs afterwards may compute, use threads and write to /tmp."""
    seconds = int(limits["wallMs"] / 1000) + 2
    for name, value in (
        (resource.RLIMIT_AS, limits["memoryBytes"]),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits["fileBytes"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if root:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    check(libc.capset(struct.pack("Ii", 0x20080522, 0), bytes(24)), "capset")
    prctl(PR_SET_DUMPABLE, 0)
    rules = seccomp_filter()
    prctl(PR_SET_SECCOMP, 2, ctypes.byref(Filter(len(rules) // 8, rules)))


def keep_only(*descriptors):
    """Closes everything else; descriptor 0 becomes /dev/null."""
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    edges = sorted({0, 1, 2, *descriptors})
    for low, high in zip(edges, [*edges[1:], 1 << 16]):
        os.closerange(low + 1, high)


def read_exactly(source, size):
    parts = []
    while size:
        part = os.read(source, min(size, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def first_process(role, root, limits, source, report):
    """The judge, or the program of a `run`: first process of its pid namespace. `source` brings two framed parts;
    the candidate is forked before the second, the tests, has come near this memory."""
    os.setsid()
    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, f"size={limits['fileBytes']},nr_inodes=4096,mode=1777")
    os.chdir("/tmp")
    sizes = struct.unpack("QQ", read_exactly(source, 16))
    code = json.loads(read_exactly(source, sizes[0]))
    if role == "run":
        keep_only()
        lock_down(root, limits)
        roles.program(code["source"], code["files"])
    ask_in, ask_out = os.pipe()
    answer_in, answer_out = os.pipe()
    unshare(NEWPID)
    if os.fork() == 0:
        os.setsid()
        keep_only(ask_in, answer_out)
        lock_down(root, limits)
        roles.candidate(code["source"], code["files"], ask_in, answer_out)
    tests = json.loads(read_exactly(source, sizes[1]))
    keep_only(answer_in, ask_out, report)
    lock_down(root, limits)
    roles.judge(tests["setup"], tests["tests"], tests["entryPoint"], answer_in, ask_out, report)


def supervise(role, root, limits, sizes):
    """Starts the first process, feeds it, watches deadline and output, and returns what is to be reported."""
    started = time.monotonic()
    pipes = {name: os.pipe() for name in ("source", "report", "stdout", "stderr")}
    unshare(NEWPID | NEWNS | NEWIPC)
    first = os.fork()
    if first == 0:
        try:
            os.dup2(pipes["stdout"][1], 1)
            os.dup2(pipes["stderr"][1], 2)
            first_process(role, root, limits, pipes["source"][0], pipes["report"][1])
        finally:
            os._exit(70)
    for name, (reader, writer) in pipes.items():
        os.close(reader if name == "source" else writer)
    feed(pipes["source"][1], sizes)
    seen = {"report": b"", "stdout": b"", "stderr": b""}
    names = {pipes[name][0]: name for name in seen}
    ended = os.pidfd_open(first)
    deadline = started + limits["wallMs"] / 1000
    stopped = None
    while stopped is None:
        ready = select.select([*names, ended], [], [], max(0, deadline - time.monotonic()))[0]
        for reader in ready:
            if reader != ended:
                data = os.read(reader, 1 << 16)
                seen[names[reader]] += data
                if not data:
                    del names[reader]
        seen["report"] = seen["report"][-(1 << 16) :]
        if len(seen["stdout"]) + len(seen["stderr"]) > limits["outputBytes"]:
            stopped = "output"
        elif ready == [ended]:
            stopped = "ended"
        elif time.monotonic() >= deadline:
            stopped = "timeout"
    os.kill(first, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    return {"stopped": stopped, "status": status, "ms": (time.monotonic() - started) * 1000} | {
        name: data.decode(errors="replace") for name, data in seen.items()
    }


def feed(sink, sizes):
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for data in (struct.pack("QQ", *sizes), *(read_exactly(0, size) for size in sizes)):
        try:
            while data:
                data = data[os.write(sink, data) :]
        except BrokenPipeError:
            pass
    os.close(sink)


def serve(root):
    """The zygote's loop. It reads headers only, so that no program's text is ever in the memory it forks."""
    os.write(1, json.dumps({"ready": sys.version.split()[0]}).encode() + b"\n")
    while True:
        header = json.loads(read_exactly(0, int(read_exactly(0, 8))))
        supervisor = os.fork()
        if supervisor == 0:
            try:
                outcome = supervise(header["role"], root, header["limits"], header["sizes"])
            except BaseException as error:
                outcome = {"stopped": "error", "error": str(error)}
            data = json.dumps(outcome).encode() + b"\n"
            while data:
                data = data[os.write(1, data) :]
            os._exit(0)
        os.waitpid(supervisor, 0)


def main():
    os.setsid()
    try:
        if sys.version_info < (3, 9) or os.uname().machine not in ARCHES:
            raise OSError("it needs Python 3.9 on x86_64 or aarch64")
        root = enter_namespaces()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        zygote = os.fork()
        if zygote == 0:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            check(libc.sethostname(b"sandbox", 7), "sethostname")
            build_root()
            sys.argv = sys.orig_argv = [""]
            gc.freeze()
            serve(root)
    except OSError as error:
        print(json.dumps({"refused": str(error)}), flush=True)
        os._exit(1)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(zygote, signal.SIGKILL))
    os.close(0)
    os.close(1)
    os.waitpid(zygote, 0)


main()
