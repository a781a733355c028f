"""What the frozen application does without: parts of libraries that nothing in it calls."""

from __future__ import annotations

import importlib.util
import re
import sys
from importlib import metadata
from pathlib import Path

#: Modules that are never imported here, though a library would if it could.
EXCLUDED = """
    Cython IPython PySide6.QtQml PySide6.QtQuick _tkinter boto3 botocore curses dask
    gradio hf_xet idlelib lib2to3 matplotlib nbformat numba numpy.f2py.tests openvino pandas peft
    pkg_resources polars pyarrow.tests pydoc_data pytest readline scipy._lib.array_api_compat.torch
    sentence_transformers setuptools sklearn.datasets tensorflow test tkinter torch transformers
    turtle turtledemo
""".split()
#: What the training component uses and the application has: no part of it may be left out because the
#: application itself does without.
SHARED = """
    click filelock fsspec huggingface_hub jinja2 markupsafe ml_dtypes numpy onnx packaging psutil rich
    safetensors tokenizers tqdm yaml
""".split()
#: The last parts of modules of tests.
_TESTS = re.compile(r"(\A|\.)(tests?|testing|conftest)(\.|\Z)")
#: What llama.cpp's Python calls, and what that is linked against.
_LLAMA = re.compile(r"(lib)?(llama|ggml(-base)?)(\.so|\.so\.\d+|(\.\d+)?\.dylib|\.dll)")
_UNWANTED = re.compile(
    r"""
    (\A|/)(tests?|testing)/                                     # of libraries
    | \A(PySide6/Qt/|PySide6/)translations/(?!qt(base)?_(de|en)\.qm)
    | /plugins/(?!(platforms|imageformats|iconengines|styles|platformthemes|tls
        |platforminputcontexts|xcbglintegrations|wayland-[a-z-]+|generic)/)
    | /plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vnc|vkkhrdisplay)\.so
    | /plugins/platforminputcontexts/libqtvirtualkeyboard
    | /plugins/imageformats/libq(pdf|tga|icns|wbmp)\.so
    | /plugins/wayland-shell-integration/lib(wl-shell|ivi-shell)
    | /plugins/(xcbglintegrations|egldeviceintegrations)/libqeglfs
    | /plugins/platformthemes/libqgtk3\.so
    | \Alib(gtk|gdk|gdk_pixbuf|cairo|cairo-gobject|pango|pangoft2|pangocairo|atk|harfbuzz|thai|datrie|fribidi
        |graphite2|pixman|epoxy|Xrender)-?[0-9.]*\.so  # what the theme of GTK is bound to
    | libQt6(EglF[sS]|Pdf|Qml|Quick|Sql|Test|VirtualKeyboard|WlShell)[A-Za-z]*\.so
    | (\A|/)libarrow_(flight|python_flight|s3|gcs|azure)\.so
    | \Apyarrow/(_flight|_substrait|_s3fs|_gcsfs|_azurefs|_orc|gandiva|_cuda)[.]
    | \Apyarrow/(include|src|includes)/ | \.(pxd|pyx|pyi|c|h|hpp|cpp|cmake|a|lib)\Z
    | \Aonnxruntime/capi/libonnxruntime_providers_tensorrt\.so
    | \Aonnx/(backend/test|reference/ops)/
    | \APIL/_avif | \Apillow\.libs/libavif | \Alxml/(objectify|sax)\.
    """,
    re.VERBOSE,
)


def is_wanted(place: str) -> bool:
    """Whether a file belongs into the tree; `place` is its path in there."""
    return _UNWANTED.search(place.replace("\\", "/")) is None


def is_wanted_module(name: str) -> bool:
    """Whether a module does."""
    return _TESTS.search(name) is None


def standard_library() -> list[str]:
    """All of it but games, tests and Tk: what is added to the application later may import any part."""
    from PyInstaller.utils.hooks import collect_submodules

    left_out = {"antigravity", "this", "idlelib", "lib2to3", "tkinter", "turtle", "turtledemo", "test"}
    left_out |= {"ensurepip", "distutils", "curses", "nis", "readline", "venv", "pydoc_data"}
    return [
        module
        for name in sorted(sys.stdlib_module_names - left_out)
        if importlib.util.find_spec(name) is not None
        for module in collect_submodules(name, filter=is_wanted_module, on_error="ignore") or [name]
    ]


def libraries_of_llama() -> list[tuple[str, str]]:
    """Where llama.cpp's libraries are, those for each kind of processor among them, and where they belong."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        return []
    package = Path(spec.origin).parent
    found = [path for path in (package / "lib").iterdir() if _LLAMA.fullmatch(path.name)]
    found += package.parent.glob("bin/*ggml-cpu-*")
    return [(str(path), "llama_cpp/lib") for path in found]


def distributions() -> list[str]:
    """The names of what is installed beside the tools that build: libraries look for each other's versions,
    and the licences lie there."""
    tools = {"pip", "setuptools", "wheel", "altgraph", "pyinstaller", "pyinstaller-hooks-contrib"}
    return sorted({found.name for found in metadata.distributions() if found.name.lower() not in tools})


def icon(folder: Path) -> str | None:
    """The icon of this platform's programs, where it was drawn."""
    suffix = {"win32": "ico", "darwin": "icns"}.get(sys.platform, "none")
    return next((str(path) for path in folder.glob(f"*.{suffix}")), None)
