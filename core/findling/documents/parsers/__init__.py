"""One module for each family of files: bytes into a document, or into the files that lie inside.

None of them imports another one's family but for what the formats themselves share: a message holds pages of
the web, a workbook of 1997 lies in an OLE file. `findling.documents.registry` says which is for what, and
loads it when the first such file comes.
"""
