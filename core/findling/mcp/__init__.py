"""Libraries for agents: a server of the Model Context Protocol on stdin and stdout, which only reads.

It stands on the package `mcp`, the extra of that name, which nothing else needs.
"""

from findling.mcp.serving import serve

__all__ = ["serve"]
