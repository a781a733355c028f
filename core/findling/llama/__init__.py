"""llama.cpp: a language model that writes, many sequences at once, out of shared beginnings."""

from findling.llama.engine import Engine
from findling.llama.requests import Completion, End, Markup, Part, Request, Sampling
from findling.llama.weights import Weights

__all__ = ["Completion", "End", "Engine", "Markup", "Part", "Request", "Sampling", "Weights"]
