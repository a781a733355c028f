"""The tuning view: how Findling learns a person's documents, and whether that helped."""

from findling_desktop.tuning.page import TuningPage

__all__ = ["TuningPage"]
