"""Verbs about models: models list, show, add, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import Session, common_options, pass_session, size_in_words
from findling.errors import UserError

if TYPE_CHECKING:
    from findling.models import InstalledModel


@click.group()
@common_options
def models() -> None:
    """List, show, add and remove models."""


@models.command("list")
@common_options
@pass_session
def list_models(session: Session) -> None:
    """List installed models, and built-in ones that are made on first use."""
    from findling.models import BUILTIN_EMBEDDERS, InstalledModels

    installed = InstalledModels(session.settings().home.models).list()
    rows = [_described(model) for model in installed]
    known = {row["id"] for row in rows}
    rows += [
        {"id": builtin.id, "name": builtin.name, "kind": "embedder", "state": "built in"}
        for builtin in BUILTIN_EMBEDDERS.values()
        if builtin.id not in known
    ]
    session.put(rows, "\n".join(_line(row) for row in rows) or "No models.")


@models.command()
@click.argument("model_id", metavar="ID")
@common_options
@pass_session
def show(session: Session, model_id: str) -> None:
    """Show a model's card, and check its files."""
    from findling.embedding import ensure_installed

    model = ensure_installed(session.settings(), model_id)
    model.verify()
    facts = {
        **model.card.to_json(),
        "fingerprint": model.card.fingerprint,
        "directory": str(model.directory),
        "size_bytes": model.size_bytes(),
    }
    session.put(facts, "\n".join(f"{name:16} {value}" for name, value in facts.items()))


@models.command()
@click.argument("source")
@click.option("--id", "model_id", default="", help="Install under this id.")
@common_options
@pass_session
def add(session: Session, source: str, model_id: str) -> None:
    """Install a model from SOURCE: a directory (BERT encoder in Hugging Face layout, or a Findling model),
    or the id of a built-in one."""
    from findling.embedding import add_model

    row = _described(add_model(session.settings(), source, model_id))
    session.put(row, f"Installed {row['id']} in {row['directory']}.")


@models.command()
@click.argument("model_id", metavar="ID")
@common_options
@pass_session
def remove(session: Session, model_id: str) -> None:
    """Delete a model's files. Refused while a library uses it."""
    from findling.models import InstalledModels

    libraries = session.libraries()
    users = [name for name in libraries.names() if libraries.info(name).model == model_id]
    if users:
        raise UserError(
            f"The model {model_id} is in use by: {', '.join(users)}.",
            "Delete those libraries first.",
        )
    InstalledModels(session.settings().home.models).remove(model_id)
    session.put({"removed": model_id}, f"Removed {model_id}.")


def _described(model: InstalledModel) -> dict[str, Any]:
    card = model.card
    return {
        "id": card.id,
        "name": card.name,
        "kind": card.kind,
        "state": "installed",
        "dim": card.dim,
        "max_tokens": card.max_tokens,
        "licence": card.licence,
        "size_bytes": model.size_bytes(),
        "directory": str(model.directory),
    }


def _line(row: dict[str, Any]) -> str:
    size = size_in_words(row["size_bytes"]) if "size_bytes" in row else ""
    return f"{row['id']:28} {row['kind']:10} {row['state']:10} {size}".rstrip()
