"""Export of any encoder or decoder to one ONNX graph, by torch and transformers: the `tune` extra.

Import this package inside functions only; it is the one room of the core, besides training, in which torch
and transformers may be imported, and they are imported when a function is called.
"""

from findling.embedding.export.centring import Centre
from findling.embedding.export.exporter import (
    PRECISIONS,
    build_builtin,
    can_export,
    export_model,
    known_source,
)
from findling.embedding.export.work import FROM_SAMPLE

__all__ = [
    "FROM_SAMPLE",
    "PRECISIONS",
    "Centre",
    "build_builtin",
    "can_export",
    "export_model",
    "known_source",
]
