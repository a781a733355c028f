"""Try the Debian package as a person would, on a clean Debian 12 with neither Python packages nor network.

    sudo python packaging/smoke.py [cpu|cuda] [--package FILE]

Debian is bootstrapped into build/smoke, the package is installed there with what it depends on, and a user
without rights indexes the sample library, searches, lets queries be written, and opens the window on a
display of its own. Prints how long each takes, and fails where something does not work, where a file outside
the user's own directories is touched, where a connection is tried, or where removing the package leaves
something. The screen is kept in build/smoke/window.png. Needs root, debootstrap, strace and Xvfb.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

import freeze

ROOT = freeze.ROOT
PLACE = ROOT / "build" / "smoke"
SUITE = "bookworm"
USER = "anna"
SAMPLES = "/usr/lib/findling/_internal/findling/sample_library"
QUESTION = "how many days off do I get"
#: Where a person's programs may write.
THEIRS = (f"home/{USER}", "tmp", "var/tmp", "run", "proc", "dev", "sys")
#: A family of addresses that leads out of the machine.
OUTBOUND = re.compile(r"AF_INET6?\b")
PAIRS = 12
SCREEN = "1280x800x24"
#: Whether something is drawn: a bare screen has one colour.
WATCH = """
import sys, time
from PySide6.QtGui import QGuiApplication
application = QGuiApplication([])
def shown():
    picture = application.primaryScreen().grabWindow(0).toImage()
    return picture, len({picture.pixel(x, y) for x in range(0, 1280, 9) for y in range(0, 800, 9)})
ends = time.monotonic() + 60
while shown()[1] < 4 and time.monotonic() < ends:
    time.sleep(0.02)
print(time.monotonic(), flush=True)
time.sleep(float(sys.argv[2]))
picture, colours = shown()
picture.save(sys.argv[1])
print(colours, flush=True)
"""


def main() -> int:
    """Try it; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", nargs="?", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--package", type=Path, metavar="FILE", help="default: the newest one in dist")
    chosen = parser.parse_args()
    missing = [name for name in ("debootstrap", "strace", "Xvfb", "unshare") if shutil.which(name) is None]
    if os.geteuid() or missing:
        print("Needs root" + "".join(f", and {name}" for name in missing) + ".", file=sys.stderr)
        return 1
    name = "findling" if chosen.kind == "cpu" else f"findling-{chosen.kind}"
    package = chosen.package or max((ROOT / "dist").glob(f"{name}_*.deb"), key=os.path.getmtime)
    with ExitStack() as stack:
        machine = Machine(PLACE / "root")
        stack.enter_context(machine.mounted())
        problems = tried(machine, package, freeze.interpreter(chosen.kind))
    for problem in problems:
        print(problem, file=sys.stderr)
    print("Everything works." if not problems else f"{len(problems)} problems.")
    return 1 if problems else 0


class Machine:
    """A directory with a Debian of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        base = PLACE / f"{SUITE}.base"
        if not base.is_dir():
            print("Bootstrapping Debian …", flush=True)
            begun = base.with_suffix(".begun")
            shutil.rmtree(begun, ignore_errors=True)
            begun.parent.mkdir(parents=True, exist_ok=True)
            _quiet("debootstrap", "--variant=minbase", SUITE, str(begun))
            begun.rename(base)
        shutil.rmtree(root, ignore_errors=True)
        _quiet("cp", "-a", str(base), str(root))
        shutil.copyfile("/etc/resolv.conf", root / "etc" / "resolv.conf")

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """With what every Linux has, and the display's socket."""
        sockets = self.root / "tmp" / ".X11-unix"
        sockets.mkdir(exist_ok=True)
        mounts = [
            ("-t", "proc", "proc", self.root / "proc"),
            ("-t", "tmpfs", "tmpfs", self.root / "dev" / "shm"),
            ("--bind", "/tmp/.X11-unix", sockets),
        ]
        Path("/tmp/.X11-unix").mkdir(exist_ok=True)
        (self.root / "dev" / "shm").mkdir(exist_ok=True)
        done: list[Path] = []
        try:
            for mount in mounts:
                _quiet("mount", *map(str, mount))
                done.append(Path(mount[-1]))
            yield
        finally:
            for place in reversed(done):
                _quiet("umount", "--lazy", str(place))

    def administer(self, *command: str) -> None:
        """Run something as root, with a network."""
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND": "noninteractive",
            "LC_ALL": "C",
        }
        _quiet("chroot", str(self.root), *command, environment=environment)

    def started(self, *command: str, display: str = "") -> subprocess.Popen[str]:
        """Something the user starts, without a network; its connections are written down."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": f"/home/{USER}", "LANG": "C.UTF-8"}
        if display:
            environment["DISPLAY"] = display
        number = len(list(PLACE.glob("calls-*.log")))
        log = PLACE / f"calls-{number}.log"
        strace = [
            "strace",
            "-f",
            "-qq",
            "--seccomp-bpf",
            "-e",
            "trace=connect,sendto,sendmsg",
            "-o",
            str(log),
        ]
        inside = [str(shutil.which("chroot")), f"--userspec={USER}:{USER}", str(self.root)]
        return subprocess.Popen(
            ["unshare", "--net", *strace, *inside, *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if display else None,
            text=True,
        )

    def run(self, *command: str, fails: bool = False) -> str:
        """The same, to its end; prints how long it took. Returns what it said. It may fail where it `fails`
        with little to do."""
        began = time.monotonic()
        process = self.started(*command)
        said, _ = process.communicate(timeout=900)
        print(f"{time.monotonic() - began:7.1f} s  {' '.join(command)[:90]}", flush=True)
        if process.returncode and not fails:
            raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{said}")
        return said

    def files(self) -> dict[str, tuple[int, int, int]]:
        """Size, time and mode of all that is nobody's to touch."""
        found: dict[str, tuple[int, int, int]] = {}
        for folder, folders, names in os.walk(self.root):
            inside = Path(folder).relative_to(self.root)
            folders[:] = [name for name in folders if str(inside / name) not in THEIRS]
            for name in (*names, *folders):
                known = (Path(folder) / name).lstat()
                found[str(inside / name)] = (known.st_size, known.st_mtime_ns, known.st_mode)
        return found


def tried(machine: Machine, package: Path, python: Path) -> list[str]:
    """What does not work as it should, a line each."""
    for log in PLACE.glob("calls-*.log"):
        log.unlink()
    bare = machine.files()
    shutil.copyfile(package, machine.root / "tmp" / package.name)
    began = time.monotonic()
    machine.administer("apt-get", "-qq", "update")
    machine.administer("apt-get", "-qq", "install", "-y", f"/tmp/{package.name}")
    print(f"{time.monotonic() - began:7.1f} s  apt-get install {package.name}, with what it depends on")
    (machine.root / "tmp" / package.name).unlink()
    machine.administer("useradd", "--create-home", USER)
    problems = ["The machine has Python packages."] if _python_packages(machine) else []
    before = machine.files()
    problems += _in_the_terminal(machine)
    problems += _in_the_window(machine, python)
    after = machine.files()
    problems += [
        f"touched: /{path}"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]
    for log in sorted(PLACE.glob("calls-*.log")):
        problems += [
            f"a connection: {line}" for line in log.read_text().splitlines() if OUTBOUND.search(line)
        ]
    machine.administer("apt-get", "-qq", "purge", "-y", package.name.partition("_")[0])
    left = [path for path in machine.files().keys() - bare.keys() if "findling" in path]
    problems += [f"left behind: /{path}" for path in sorted(left)]
    if not (machine.root / f"home/{USER}/.local/share/findling").is_dir():
        problems.append("Removing the package took the user's libraries along.")
    return problems


def _in_the_terminal(machine: Machine) -> list[str]:
    problems: list[str] = []
    machine.run("findling", "--version")
    machine.run("findling", "--version")
    machine.run("findling", "index", SAMPLES, "--library", "samples")
    machine.run("findling", "search", QUESTION, "--library", "samples")
    found: Any = json.loads(machine.run("findling", "search", QUESTION, "--library", "samples", "--json"))
    if not any("leave" in json.dumps(hit).lower() for hit in found[:3]):
        problems.append(f"The question {QUESTION!r} finds something else.")
    machine.run("findling", "map", "--library", "samples")
    pairs = f"/home/{USER}/pairs.jsonl"
    writing = ("findling", "synth", "write", "--library", "samples", "--pairs", str(PAIRS), "--out", pairs)
    machine.run(*writing, fails=True)  # so few are not enough to tune with, it says
    written = (machine.root / pairs.lstrip("/")).read_text(encoding="utf-8").splitlines()
    if not any("smollm2" in line.lower() for line in written):
        problems.append("The generator wrote nothing.")
    return problems


def _in_the_window(machine: Machine, python: Path) -> list[str]:
    number = next(n for n in range(90, 200) if not Path(f"/tmp/.X11-unix/X{n}").exists())
    display = f":{number}"
    server = subprocess.Popen(["Xvfb", display, "-screen", "0", SCREEN, "-ac", "-nolisten", "tcp"])
    problems: list[str] = []
    picture = PLACE / "window.png"
    try:
        while not Path(f"/tmp/.X11-unix/X{number}").exists():
            time.sleep(0.05)
        for turn in ("first", "second"):
            watcher = subprocess.Popen(
                [str(python), "-c", WATCH, str(picture), "15"],
                env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
                stdout=subprocess.PIPE,
                text=True,
            )
            time.sleep(2)  # it is ready to look
            began = time.monotonic()
            window = machine.started("findling-desktop", "--library", "samples", QUESTION, display=display)
            assert watcher.stdout is not None
            seconds = float(watcher.stdout.readline()) - began
            print(f"{seconds:7.2f} s  from start to window, the {turn} time", flush=True)
            colours = int(watcher.communicate()[0])
            if colours < 16:
                problems.append(f"The window shows {colours} colours, the {turn} time.")
            if window.poll() is not None:
                problems.append(f"The window ended by itself: {window.communicate()[0][-500:]}")
            for child in _children(window.pid):
                os.kill(child, signal.SIGTERM)
            window.communicate(timeout=30)
        print(f"           {picture.relative_to(ROOT)}")
    finally:
        server.terminate()
        server.wait()
    return problems


def _children(pid: int) -> list[int]:
    """What a process, and what strace beside it, has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _python_packages(machine: Machine) -> list[str]:
    return [str(path) for path in (machine.root / "usr").glob("lib/python3*/dist-packages/*")]


def _quiet(*command: str, environment: dict[str, str] | None = None, checked: bool = True) -> None:
    answer = subprocess.run(command, capture_output=True, env=environment, check=False, text=True)
    if checked and answer.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{answer.stdout[-2000:]}\n{answer.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
