"""Write the CycloneDX list of what an environment holds, the same for the same environment.

    python packaging/sbom.py PYTHON FILE.json

PYTHON is the interpreter of the environment that is frozen. What is only there to build with is left out, and
so is where the files were on this machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import tools
from licence_terms import BUILD_TOOLS
from licences import normal

NOT_SHIPPED = BUILD_TOOLS | {"pyinstaller"}


def main() -> int:
    """Write the list; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("python", help="the interpreter of the environment")
    parser.add_argument("out", type=Path, metavar="FILE.json")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "sbom.json"
        options = [
            "--pyproject",
            str(tools.ROOT / "pyproject.toml"),
            "--short-PURLs",
            "--output-reproducible",
        ]
        tools.run("cyclonedx_py", "environment", *options, "--output-file", str(file), chosen.python)
        stored = json.loads(file.read_text(encoding="utf-8"))
    stored["metadata"]["component"]["version"] = version(chosen.python)
    text = json.dumps(shipped(stored), indent=1, ensure_ascii=False) + "\n"
    chosen.out.write_text(text, encoding="utf-8")
    print(f"{len(stored['components'])} components.")
    return 0


def version(python: str) -> str:
    """The version of Findling that an environment holds; pyproject.toml does not say it."""
    code = "from importlib.metadata import version; print(version('findling'))"
    answer = subprocess.run([python, "-c", code], check=True, capture_output=True, encoding="utf-8")
    return answer.stdout.strip()


def shipped(stored: dict[str, Any]) -> dict[str, Any]:
    """The list without what is not shipped, and without paths of this machine."""
    dropped = {each["bom-ref"] for each in stored["components"] if normal(each["name"]) in NOT_SHIPPED}
    stored["components"] = [each for each in stored["components"] if each["bom-ref"] not in dropped]
    stored["dependencies"] = [each for each in stored["dependencies"] if each["ref"] not in dropped]
    for each in stored["dependencies"]:
        each["dependsOn"] = [name for name in each.get("dependsOn", []) if name not in dropped]
    for each in [*stored["components"], stored.get("metadata", {}).get("component", {})]:
        if links := each.pop("externalReferences", []):
            each["externalReferences"] = [link for link in links if not link["url"].startswith("file:")]
    return stored


if __name__ == "__main__":
    sys.exit(main())
