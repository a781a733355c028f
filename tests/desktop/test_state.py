"""What the window remembers."""

from __future__ import annotations

from findling_desktop.state import WindowState


def test_what_is_saved_is_loaded(tmp_path):
    state = WindowState.load(tmp_path / "config")
    state.library, state.results_width = "letters", 300
    state.save()
    assert WindowState.load(tmp_path / "config") == state


def test_damage_means_defaults(tmp_path):
    for text in ("no json", "[]", '{"library": 5, "unknown": 1}'):
        (tmp_path / "window.json").write_text(text)
        assert WindowState.load(tmp_path) == WindowState(tmp_path)
