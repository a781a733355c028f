"""Texts to vectors: ONNX graphs, the sessions that run them, and the embedder on top."""

from findling.embedding.calibration import Calibration, calibrate, stored_calibration
from findling.embedding.chance import Chance
from findling.embedding.embedder import Embedder
from findling.embedding.install import add_model, ensure_installed, open_embedder, rebuild_builtin
from findling.embedding.onnx_session import probe_providers
from findling.embedding.openvino_session import bf16_hint
from findling.embedding.session import ProviderReport

__all__ = [
    "Calibration",
    "Chance",
    "Embedder",
    "ProviderReport",
    "add_model",
    "bf16_hint",
    "calibrate",
    "ensure_installed",
    "open_embedder",
    "probe_providers",
    "rebuild_builtin",
    "stored_calibration",
]
