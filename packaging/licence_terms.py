"""What packaging/licences.py judges by: licences that may be shipped, and what was read and found good."""

from __future__ import annotations

import re

#: SPDX identifiers of what may be shipped without a word.
ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0", "CNRI-Python", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unicode-3.0",
    "Unlicense", "Zlib", "LicenseRef-BSD", "LicenseRef-Public-Domain",
})  # fmt: skip

#: What else may be shipped, of these distributions alone, and why: (licence, reason).
EXCEPTIONS = {
    "inflate64": ("LGPL-2.1-or-later", "a library of py7zr, in a file of its own that can be replaced"),
    "multivolumefile": ("LGPL-2.1-or-later", "a library of py7zr, used as it is"),
    "py7zr": ("LGPL-2.1-or-later", "reads 7z archives, used as it is"),
    "pybcj": ("LGPL-2.1-or-later", "a library of py7zr, in a file of its own that can be replaced"),
    "pyinstaller": (
        "GPL-2.0-or-later WITH Bootloader-exception",
        "only its bootloader is shipped, whose exception allows any licence for what it starts",
    ),
    "pyppmd": ("LGPL-2.1-or-later", "a library of py7zr, in a file of its own that can be replaced"),
    "pyside6-essentials": ("LGPL-3.0-only", "the window; Qt lies in files of its own that can be replaced"),
    "shiboken6": ("LGPL-3.0-only", "a part of PySide6, in a file of its own that can be replaced"),
}

#: Distributions whose texts name the GPL, read by a person, and what they say.
REVIEWED = {
    "backports-zstd": "the history of Python's own licence, which names the GPL",
    "lxml": "its wheels hold libiconv (LGPL-2.1); its test runner, under the GPL, is not in them",
    "ml-dtypes": "Eigen, MPL-2.0, which names the GPL",
    "numpy": "libgfortran (GPL-3.0 with GCC's runtime exception), libquadmath (LGPL-2.1), files of their own",
    "onnxruntime": "Eigen, MPL-2.0; Mbed TLS, Apache-2.0 by choice",
    "onnxruntime-gpu": "Eigen, MPL-2.0; Mbed TLS, Apache-2.0 by choice",
    "opencv-python-headless": "FFmpeg (LGPL-2.1), libgfortran and libquadmath, as files of their own",
    "pathspec": "MPL-2.0, which names the GPL",
    "pillow": "FreeType by its own licence, liblzma 0BSD; the GPL parts of XZ are not in its wheels",
    "pyarrow": "LLVM's exception, which names the GPL",
    "pypdfium2": "LLVM's exception, libgcc with its runtime exception, build scripts of ICU with theirs",
    "python": "the history of its licence, which names the GPL",
    "scikit-learn": "libgomp, GPL-3.0 with GCC's runtime exception, as a file of its own",
    "scipy": "libgfortran (GPL-3.0 with GCC's runtime exception), libquadmath (LGPL-2.1), files of their own",
    "setuptools": "a part under the LGPL-3.0 (autocommand), which is left out",
    "shapely": "GEOS, LGPL-2.1, as files of its own that can be replaced",
    "torch": "tests that are not in it; LLVM's exception; libgomp (GPL-3.0, GCC's runtime exception), in a "
    "file of its own. Intel's MKL is linked in and may be passed on unchanged; the wheel lacks its text",
    "typing-extensions": "the history of Python's own licence, which names the GPL",
}

#: Distributions that carry no text, or not all: files in packaging/licence_texts, "" for the Apache licence.
TEXTS = {
    "flatbuffers": ("",),
    "lance-namespace": ("",),
    "lance-namespace-urllib3-client": ("",),
    "llama-cpp-python": ("llama.cpp.txt",),
    "pyside6-essentials": ("Qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
    "shiboken6": ("Qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt"),
    "tokenizers": ("",),
}

#: Files of libraries that are under the GPL alone, and that Python or Qt use where they are installed.
FORBIDDEN = re.compile(
    r"^lib(?:readline|gdbm|x26[45])\b|^(?:readline|_gdbm)\.|"
    r"Qt6(?:Charts|DataVisualization|Graphs|HttpServer|Lottie|NetworkAuth|Quick3D|QuickTimeline|VirtualKeyboard)"
)

#: What lies in an environment to build with, and is not shipped.
BUILD_TOOLS = frozenset({
    "altgraph", "macholib", "pefile", "pip", "pyinstaller-hooks-contrib", "pywin32-ctypes", "setuptools",
    "wheel",
})  # fmt: skip

#: Words for a licence in metadata older than SPDX expressions.
ALIASES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD": "LicenseRef-BSD",
    "BSD, Public Domain": "LicenseRef-BSD AND LicenseRef-Public-Domain",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "GPLv2-or-later with a special exception which allows to use PyInstaller to build and distribute "
    "non-free programs (including commercial ones)": "GPL-2.0-or-later WITH Bootloader-exception",
    "LGPL-2.1+": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "PSF": "PSF-2.0",
    "MIT, BSD": "MIT AND LicenseRef-BSD",
}

#: The same for its classifiers, without "License :: ".
CLASSIFIERS = {
    "OSI Approved :: Apache Software License": "Apache-2.0",
    "OSI Approved :: BSD License": "LicenseRef-BSD",
    "OSI Approved :: ISC License (ISCL)": "ISC",
    "OSI Approved :: MIT License": "MIT",
    "OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
