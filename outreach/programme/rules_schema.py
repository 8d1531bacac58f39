"""The models of the rules as a table: sections, keys as written in the file, bounds; for findings and documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel

from outreach.programme.rules import Rules
from outreach.programme.toml_lines import KeyPath

Bounds = tuple[float, float]
"""The least and the greatest value, both allowed."""


def sections() -> list[tuple[str, type[BaseModel]]]:
    """Every section of the file, in order, with its model."""
    return [(name, _table_model(info.annotation)) for name, info in Rules.model_fields.items()]


def is_table(annotation: Any) -> bool:
    """Whether a field of this type is a table of its own."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _table_model(annotation: Any) -> type[BaseModel]:
    assert is_table(annotation), f"{annotation} is no section"
    model: type[BaseModel] = annotation
    return model


def by_alias(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of a section by their names in the file."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def fields_below(model: type[BaseModel]) -> dict[str, Any]:
    """The fields that the tables of a section of tables share; empty for a section of plain keys."""
    tables = [info.annotation for info in model.model_fields.values() if is_table(info.annotation)]
    return by_alias(_table_model(tables[0])) if tables else {}


def _model_at(path: KeyPath) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Rules
    for part in path:
        if isinstance(part, int):
            continue
        info = by_alias(model).get(part) if model is not None else None
        model = next((found for found in _models_in(info.annotation if info is not None else None)), None)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if is_table(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def keys_at(path: KeyPath) -> list[str]:
    """The keys that a table of the file may have."""
    model = _model_at(path)
    return list(by_alias(model)) if model is not None else []


def field_at(path: KeyPath) -> Any:
    """The field at a path of the file (list positions do not matter), or ``None``."""
    names = [part for part in path if isinstance(part, str)]
    model = _model_at(tuple(names[:-1])) if names else None
    return by_alias(model).get(names[-1]) if model is not None else None


def bounds_at(path: KeyPath) -> Bounds | None:
    """The numeric bounds of the field, or of the list item, at a path of the file."""
    info = field_at(path)
    if info is None:
        return None
    return bounds_of_item(get_args(info.annotation)[0]) if isinstance(path[-1], int) else bounds_of(info.metadata)


def bounds_of_item(annotation: Any) -> Bounds | None:
    """The numeric bounds of the items of a list, from their annotated type."""
    return bounds_of(found for part in get_args(annotation)[1:] for found in getattr(part, "metadata", ()))


def bounds_of(metadata: Iterable[Any]) -> Bounds | None:
    """The numeric bounds among a field's metadata; every number of the rules has both."""
    found = {name: getattr(item, name) for item in metadata for name in ("ge", "le") if hasattr(item, name)}
    return (found["ge"], found["le"]) if len(found) == 2 else None


def range_text(bounds: Bounds | None) -> str:
    """``0-600``: the same in both languages; ``""`` where there are no bounds."""
    return "-".join(f"{bound:.6f}".rstrip("0").rstrip(".") for bound in bounds or ())
