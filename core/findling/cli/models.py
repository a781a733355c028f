"""Verbs about models: models list, show, add, download, export, calibrate, remove."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from findling.cli import model_rows
from findling.cli.common import Session, common_options, follow, pass_session, shown


@click.group()
@common_options
def models() -> None:
    """List, show, add, calibrate and remove models."""


@models.command("list")
@click.option("--catalogue", is_flag=True, help="List the models that can be downloaded instead.")
@common_options
@pass_session
def list_models(session: Session, *, catalogue: bool) -> None:
    """List installed models, built-in ones, and generators that were downloaded."""
    if catalogue:
        session.put(*model_rows.catalogue())
        return
    rows = model_rows.all_models(session.settings())
    session.put(rows, "\n".join(map(model_rows.line, rows)) or "No models.")


@models.command()
@click.argument("model_id", metavar="ID")
@common_options
@pass_session
def show(session: Session, model_id: str) -> None:
    """Show a model's card, and check its files. ID may also be the path of a generator's file."""
    from findling.embedding import ensure_installed, stored_calibration
    from findling.models import InstalledModels, Kind
    from findling.models.generators import generator, generators

    settings = session.settings()
    kind = InstalledModels(settings.home.models).kind(model_id)
    others = [found.card.id for found in generators(settings)] if kind is None else []
    if kind is Kind.GENERATOR or model_id in others or model_id.lower().endswith(".gguf"):
        found = generator(settings, model_id)
        found.verify()
        told = {**found.card.to_json(), "state": found.state}
        told |= {"directory": str(found.directory), "size_bytes": found.size_bytes()}
        session.put(told, model_rows.table(told))
        return
    model = ensure_installed(settings, model_id)
    model.verify()
    measured = stored_calibration(settings, model)
    facts = {
        **model.card.to_json(),
        "fingerprint": model.card.fingerprint,
        "directory": str(model.directory),
        "size_bytes": model.size_bytes(),
        "calibration": asdict(measured) if measured else None,
    }
    session.put(facts, model_rows.table(facts))


@models.command()
@click.argument("source")
@click.option("--id", "model_id", default="", help="Install under this id.")
@common_options
@pass_session
def add(session: Session, source: str, model_id: str) -> None:
    """Install a model from SOURCE: a directory (BERT encoder or reranker in Hugging Face layout, a reranker's
    with an ONNX graph, or a Findling model), the .gguf file of a generator, or the id of a built-in model."""
    from findling.embedding import add_model
    from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
    from findling.models.generators import add_generator, built_in, is_generator

    path = Path(source).expanduser()
    if source in BUILTIN_LANGUAGE_MODELS and not path.exists():
        session.put(model_rows.described(built_in(source)), f"{source} is built in.")
        return
    if is_generator(path):
        with shown(session) as show:
            row = model_rows.described(add_generator(session.settings(), source, model_id, report=show))
    else:
        row = model_rows.described(add_model(session.settings(), source, model_id))
    session.put(row, f"Installed {row['id']} in {row['directory']}.")


@models.command()
@click.argument("model_id", metavar="ID")
@click.option("--only", is_flag=True, help="Do not make a model ready for use of what was downloaded.")
@common_options
@pass_session
def download(session: Session, model_id: str, *, only: bool) -> None:
    """Download a model of the catalogue, or any PUBLISHER/NAME: the one verb that connects to the network,
    and to the hub alone.

    A download that was cut off goes on where it stopped. An embedder is then exported and installed, a
    reranker built and installed, a generator installed without another copy.
    """
    from findling.component import tune_command
    from findling.library.keeping_models import start_bringing
    from findling.models.catalogue import downloadable

    entry = downloadable(model_id)
    found = follow(start_bringing(session.settings(), model_id, fetched=True, ready=not only), session)
    said = f"Downloaded {entry.name} to {found['directory']}."
    if "installed" in found:
        said += f"\nInstalled {found['id']} in {found['installed']}."
    elif not only:
        said += f"\nTo use it: {tune_command()} and findling models export {model_id}"
    session.put(found, said)


@models.command()
@click.argument("source")
@click.option("--id", "model_id", default="", help="Install under this id.")
@click.option(
    "--pooling",
    type=click.Choice(["mean", "weighted mean", "cls", "last token"]),
    help="How token states become one vector; default: what the model's directory says.",
)
@click.option(
    "--precision",
    "precisions",
    type=click.Choice(["fp32", "fp16", "int8"]),
    multiple=True,
    default=("fp32",),
    show_default=True,
    help="May be given several times.",
)
@click.option("--query-prefix", help="Put before each query; {instruction} stands for the instruction.")
@click.option("--document-prefix", help="Put before each passage.")
@click.option("--instruction", help="The task, for models that want one.")
@click.option(
    "--centred", is_flag=True, help="Subtract the mean vector of general text, for untuned decoders."
)
@common_options
@pass_session
def export(
    session: Session,
    source: str,
    model_id: str,
    pooling: str | None,
    precisions: tuple[str, ...],
    query_prefix: str | None,
    document_prefix: str | None,
    instruction: str | None,
    *,
    centred: bool,
) -> None:
    """Make an embedder of SOURCE: a Hugging Face directory, a GGUF file, a LoRA checkpoint, or a built-in
    language model. Encoder or decoder; verified against the original before it is installed.

    Needs the `tune` extra (torch, transformers), or the training component.
    """
    from findling.embedding.export import build_builtin, export_model
    from findling.models import Pooling
    from findling.models.builtin import BUILTIN_LANGUAGE_MODELS

    settings = session.settings()
    with shown(session) as show:
        if source in BUILTIN_LANGUAGE_MODELS and not Path(source).exists():
            model = build_builtin(settings, source, report=show)
        else:
            model = export_model(
                source,
                settings,
                model_id=model_id,
                pooling=Pooling(pooling) if pooling else None,
                precisions=precisions,
                query_prefix=query_prefix,
                document_prefix=document_prefix,
                instruction=instruction,
                centre="sample" if centred else None,
                report=show,
            )
    row = model_rows.described(model)
    session.put({**row, "provenance": model.card.provenance}, f"Installed {row['id']} in {row['directory']}.")


@models.command("calibrate")
@click.argument("model_id", metavar="[ID]", default="")
@common_options
@pass_session
def calibrate_model(session: Session, model_id: str) -> None:
    """Measure anew which precision of a model is fastest here. Default: the model of new libraries.

    Done by itself when a model first indexes.
    """
    from findling.embedding import calibrate, ensure_installed

    settings = session.settings()
    model = ensure_installed(settings, model_id or settings.model)
    found = calibrate(settings, model)
    rows = [
        f"{figure.precision:6} {figure.threads:3} threads {figure.passages_per_second:8.1f} passages/s   "
        f"cosine {figure.cosine:.5f}" + (f"   {figure.problem}" if figure.problem else "")
        for figure in found.figures
    ]
    session.put(
        {"id": model.card.id, **asdict(found)},
        "\n".join([f"{model.card.id}: {found.precision}, {found.threads} threads", *rows]),
    )


@models.command()
@click.argument("model_id", metavar="ID")
@common_options
@pass_session
def remove(session: Session, model_id: str) -> None:
    """Delete a model's files, a generator's download too. Refused while a library, or the settings, use
    it."""
    from findling.library.keeping_models import remove_model

    remove_model(session.libraries(), model_id)
    session.put({"removed": model_id}, f"Removed {model_id}.")
