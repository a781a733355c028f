"""Findling: a desktop search library that learns its user's own documents."""

__version__ = "0.1.0"
