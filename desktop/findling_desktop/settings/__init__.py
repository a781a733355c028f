"""The settings view: all that a person may change, made from the typed settings."""

from findling_desktop.settings.page import SettingsPage

__all__ = ["SettingsPage"]
