"""The preview: a document's text around the hit."""

from findling_desktop.preview.pane import PreviewPane

__all__ = ["PreviewPane"]
