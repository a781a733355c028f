"""LanceDB is imported without the client of a server that nothing here speaks to."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from findling.store.lance import lancedb
module = lancedb()
client = "lance_namespace_urllib3_client"
print(module is lancedb(), any(name.startswith(client) for name in sys.modules), "overrides" in sys.modules)
from lancedb.db import ListTablesResponse
answer = ListTablesResponse(tables=["files"])
print(answer.tables, type(answer).__module__)
import lance_namespace_urllib3_client as client
print(client.api.TableApi.__name__, hasattr(client, "nothing"))
"""


def test_the_client_is_loaded_for_who_asks_for_it_alone() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "True False False",
        "['files'] lance_namespace_urllib3_client.models.list_tables_response",
        "TableApi False",
    ]
