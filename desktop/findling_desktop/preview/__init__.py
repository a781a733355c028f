"""The preview: a document around the hit, as it looks or its text alone."""

from findling_desktop.preview.pane import PreviewPane

__all__ = ["PreviewPane"]
