"""Libraries: folders → files → passages → vectors, written by one indexer process, read by anyone.

`Libraries` knows what exists and starts the jobs that change it; `OpenLibrary` searches and shows one,
`OpenLibraries` searches several as one.
"""

from findling.library.info import LibraryInfo, RunSummary
from findling.library.libraries import Libraries
from findling.library.opened import DocumentText, OpenLibrary
from findling.library.rules import Rules
from findling.library.several import OpenLibraries

__all__ = ["DocumentText", "Libraries", "LibraryInfo", "OpenLibraries", "OpenLibrary", "Rules", "RunSummary"]
