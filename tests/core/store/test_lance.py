"""LanceDB is imported without the client of a server that nothing here speaks to."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from findling.store.lance import lancedb
module = lancedb()
client = "lance_namespace_urllib3_client"
print(module.connect.__module__.startswith("lancedb"), f"{client}.api" in sys.modules)
import lance_namespace_urllib3_client as client
print(client.api.TableApi.__name__, hasattr(client, "nothing"))
"""


def test_the_client_is_loaded_for_who_asks_for_it_alone() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False", "TableApi", "False"]
