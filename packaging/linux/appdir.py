"""Build the AppDir, build/AppDir, and of it an AppImage where appimagetool is installed.

python packaging/linux/appdir.py [cpu|cuda]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys

import furnish

sys.path.insert(0, str(furnish.HERE.parent))

import wheel

ROOT = furnish.ROOT
#: `findling` itself is there under its own name, and as the first argument.
RUN = """#!/bin/sh
here="$(dirname "$(readlink -f "$0")")"
case "$(basename "${ARGV0:-$0}")" in findling) exec "$here/usr/bin/findling" "$@" ;; esac
case "$1" in findling) shift; exec "$here/usr/bin/findling" "$@" ;; esac
exec "$here/usr/bin/findling-desktop" "$@"
"""


def main() -> int:
    """Build it; says what is missing for an AppImage."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", nargs="?", choices=("cpu", "cuda"), default="cpu")
    kind = parser.parse_args().kind
    place = ROOT / "build" / "AppDir"
    shutil.rmtree(place, ignore_errors=True)
    usr = place / "usr"
    furnish.furnished(kind, usr)
    (place / "AppRun").write_text(RUN)
    (place / "AppRun").chmod(0o755)
    shutil.copyfile(usr / "share/applications/findling.desktop", place / "findling.desktop")
    shutil.copyfile(usr / "share/icons/hicolor/256x256/apps/findling.png", place / "findling.png")
    (place / ".DirIcon").symlink_to("findling.png")
    print(f"{place.relative_to(ROOT)} is complete: {place.relative_to(ROOT)}/AppRun starts the window.")
    tool = shutil.which("appimagetool")
    if tool is None:
        print("No AppImage was made of it: appimagetool is not installed.")
        return 0
    (ROOT / "dist").mkdir(exist_ok=True)
    image = ROOT / "dist" / f"Findling-{kind}-{os.uname().machine}.AppImage"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": wheel.epoch(), "ARCH": os.uname().machine}
    subprocess.run([tool, "--no-appstream", str(place), str(image)], check=True, env=environment)
    print(image.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
