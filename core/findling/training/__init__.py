"""Fine-tune an embedder on pairs of queries and passages: the `tune` extra.

Import this package inside functions only: torch and transformers are imported when a function is called.
"""
