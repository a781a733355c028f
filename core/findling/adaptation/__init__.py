"""The tuning of a library's embedder, from the plan to the promotion; nothing in it knows of a window."""
