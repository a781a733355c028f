"""The library's views: the first run, its folders and files, the progress of an index."""

from findling_desktop.library.first_run import FirstRunPage
from findling_desktop.library.index_bar import IndexBar
from findling_desktop.library.menu import LibrariesMenu
from findling_desktop.library.new_library import NewLibrary
from findling_desktop.library.page import LibraryPage

__all__ = ["FirstRunPage", "IndexBar", "LibrariesMenu", "LibraryPage", "NewLibrary"]
