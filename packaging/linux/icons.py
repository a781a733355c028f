"""Draw the icons of every size from packaging/linux/icons/findling.svg.

    python packaging/linux/icons.py hicolor TREE      PNGs and the SVG as TREE/hicolor/…, for Linux
    python packaging/linux/icons.py ico FILE.ico      for Windows
    python packaging/linux/icons.py icns FILE.icns    for macOS

It needs PySide6, and Pillow for Windows and macOS. No display is needed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SVG = Path(__file__).resolve().parent / "icons" / "findling.svg"
SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
#: macOS asks for up to 512 points at double density.
ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)


def main() -> int:
    """Draw what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", choices=("hicolor", "ico", "icns"))
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    {"hicolor": hicolor, "ico": ico, "icns": icns}[chosen.kind](chosen.target)
    return 0


def hicolor(tree: Path) -> list[Path]:
    """Write the icons into a theme's tree, usually `…/share/icons`; returns their paths."""
    paths = []
    for size in SIZES:
        path = tree / "hicolor" / f"{size}x{size}" / "apps" / "findling.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(size))
        paths.append(path)
    scalable = tree / "hicolor" / "scalable" / "apps" / "findling.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SVG, scalable)
    return [*paths, scalable]


def ico(file: Path) -> None:
    """Write a Windows icon of all its sizes."""
    *smaller, largest = map(_picture, ICO_SIZES)
    sizes = [(size, size) for size in ICO_SIZES]
    largest.save(file, format="ICO", sizes=sizes, append_images=smaller)


def icns(file: Path) -> None:
    """Write a macOS icon of all its sizes."""
    *smaller, largest = map(_picture, ICNS_SIZES)
    largest.save(file, format="ICNS", append_images=smaller)


def png(size: int) -> bytes:
    """The icon, `size` pixels wide and high, as a PNG file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # pyright: ignore[reportCallIssue, reportArgumentType]
        raise SystemExit(f"Qt cannot write a PNG of {size} pixels.")
    return bytes(buffer.data().data())


def _picture(size: int) -> Image:
    from PIL import Image

    return Image.open(BytesIO(png(size)))


if __name__ == "__main__":
    sys.exit(main())
