"""The models view: what is here, what uses it, and what can be brought."""

from findling_desktop.models.page import ModelsPage

__all__ = ["ModelsPage"]
