"""Texts to vectors: ONNX graphs, the sessions that run them, and the embedder and the reranker on top.

ONNX Runtime is told to keep quiet before it is loaded, by whatever program: it would look up a server.
"""

from findling.embedding.adding import add_model, is_reranker
from findling.embedding.calibration import Calibration, calibrate, stored_calibration
from findling.embedding.chance import Chance
from findling.embedding.embedder import Embedder
from findling.embedding.install import ensure_installed, open_embedder, open_reranker, rebuild_builtin
from findling.embedding.onnx_session import probe_providers
from findling.embedding.openvino_session import bf16_hint
from findling.embedding.reranker import Reranker, probabilities
from findling.embedding.session import ProviderReport
from findling.settings import switch_telemetry_off

__all__ = [
    "Calibration",
    "Chance",
    "Embedder",
    "ProviderReport",
    "Reranker",
    "add_model",
    "bf16_hint",
    "calibrate",
    "ensure_installed",
    "is_reranker",
    "open_embedder",
    "open_reranker",
    "probabilities",
    "probe_providers",
    "rebuild_builtin",
    "stored_calibration",
]

switch_telemetry_off()
