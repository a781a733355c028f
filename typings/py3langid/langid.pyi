from collections.abc import Iterable
from typing import Self

MODEL_FILE: str

class LanguageIdentifier:
    @classmethod
    def from_model_file(cls, model_file: str, *, norm_probs: bool = ...) -> Self: ...
    def set_languages(self, langs: Iterable[str] | None = ...) -> None: ...
    nb_classes: list[str]
    def classify(self, text: str) -> tuple[str, float]: ...
