"""What may stand where in a plan document, read from its models; the designer's forms follow from it."""

import datetime as dt
import types
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.values import Part


@dataclass(frozen=True)
class Choice:
    """One of some codes."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Scalar:
    """A text, an exact number, a whole number or a day."""

    kind: Literal["text", "number", "whole", "day"]


@dataclass(frozen=True)
class Group:
    """An object with named fields."""

    model: type[Part]

    @property
    def fields(self) -> tuple["Field", ...]:
        """The fields, in the order of the document."""
        return _fields(self.model)

    def field(self, key: str) -> "Field":
        """Return a field by its name in the document. Raises KeyError."""
        return {one.key: one for one in self.fields}[key]


@dataclass(frozen=True)
class OneOf:
    """One of several kinds of objects; ``kind`` tells which."""

    variants: tuple[tuple[str, Group], ...]

    def of(self, kind: object) -> Group | None:
        """Return the variant of a kind, if there is one."""
        return dict(self.variants).get(str(kind))


@dataclass(frozen=True)
class Many:
    """A list."""

    item: "Spec"
    least: int
    most: int


Spec = Choice | Scalar | Group | OneOf | Many


@dataclass(frozen=True)
class Field:
    """A field of an object: its name, what may stand there, and what holds when it is left out."""

    key: str
    model: type[Part]
    spec: Spec
    is_required: bool
    default: Any = None

    @property
    def is_structure(self) -> bool:
        """Whether objects or lists stand here."""
        return isinstance(self.spec, Group | OneOf | Many)


@cache
def document_spec() -> Group:
    """Return what a plan document may say."""
    return Group(PlanDocument)


@cache
def _fields(model: type[Part]) -> tuple[Field, ...]:
    return tuple(_field(model, name, info) for name, info in model.model_fields.items())


def _field(model: type[Part], name: str, info: FieldInfo) -> Field:
    default = None if info.default is PydanticUndefined else info.default
    if isinstance(default, Part):
        default = default.model_dump(mode="json", by_alias=True, exclude_none=True)
    limits = {key: getattr(one, key) for one in info.metadata for key in ("min_length", "max_length")
              if getattr(one, key, None) is not None}  # fmt: skip
    spec = _spec(info.annotation, limits)
    return Field(info.alias or name, _declared(model, name), spec, info.is_required(), default or None)


def _declared(model: type[Part], name: str) -> type[Part]:
    """Return the model that declares a field, so that kinds that share it share its words."""
    return next(one for one in model.__mro__ if name in vars(one).get("__annotations__", {}))


def _spec(annotation: Any, limits: dict[str, int]) -> Spec:
    origin = get_origin(annotation)
    if origin is tuple:
        return Many(
            _spec(get_args(annotation)[0], {}), limits.get("min_length", 0), limits.get("max_length", 40)
        )
    if origin is Literal:
        return Choice(tuple(str(one) for one in get_args(annotation)))
    if origin in {Union, types.UnionType}:
        return _union([one for one in get_args(annotation) if one is not type(None)])
    if hasattr(annotation, "__metadata__"):
        return _spec(get_args(annotation)[0], limits)
    if issubclass(annotation, Part):
        return Group(annotation)
    return Scalar(_SCALARS[annotation])


def _union(options: list[Any]) -> Spec:
    if len(options) == 1:
        return _spec(options[0], {})
    variants: list[tuple[str, Group]] = []
    for option in options:
        inner = _spec(option, {})
        groups = [one for _kind, one in inner.variants] if isinstance(inner, OneOf) else [inner]
        for group in groups:
            assert isinstance(group, Group), option  # noqa: S101  # unions of a document are of objects
            kind = _spec(group.model.model_fields["kind"].annotation, {})
            assert isinstance(kind, Choice)  # noqa: S101  # that is what tells them apart
            variants.append((kind.values[0], group))
    return OneOf(tuple(variants))


_SCALARS: dict[Any, Literal["text", "number", "whole", "day"]] = {
    str: "text",
    Decimal: "number",
    int: "whole",
    dt.date: "day",
}


@cache
def every_group() -> tuple[Group, ...]:
    """Return every object that may stand in a plan document, each once."""
    seen: dict[type[Part], Group] = {}

    def visit(spec: Spec) -> None:
        if isinstance(spec, Many):
            visit(spec.item)
        elif isinstance(spec, OneOf):
            for _kind, group in spec.variants:
                visit(group)
        elif isinstance(spec, Group) and spec.model not in seen:
            seen[spec.model] = spec
            for field in spec.fields:
                visit(field.spec)

    visit(document_spec())
    return tuple(seen.values())
