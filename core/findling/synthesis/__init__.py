"""Synthesis: queries for the person's own passages, written by a local model or taken from the documents."""
