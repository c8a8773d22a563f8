"""Walks values along the types of a specification: which model describes which part of a file.

Works on values that are incomplete or wrong, where pydantic has no instance to offer. Judges nothing.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from aurora.environment import descriptions
from aurora.environment.tree import Node, Steps, plant
from aurora.model.json_value import JsonValue
from aurora.model.place import Step

_UNIONS = (Union, types.UnionType)
_MAPPINGS = (dict, Mapping)
_LISTS = (list, tuple, set, frozenset, Sequence, Iterable)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a specification says about one value; `marks` is what stands beside the type in `Annotated`.

    `field` is the model and the name of the field that holds the value, where there is one; `union` is what the
    value could also be, where it is a member of a union.
    """

    annotation: Any
    marks: tuple[object, ...] = ()
    discriminator: str | None = None
    field: tuple[type[BaseModel], str] | None = None
    union: Shape | None = None

    @property
    def description(self) -> str | None:
        """The words below the field; read from its source, so ask only where people read them."""
        return descriptions.of(self.field[0]).get(self.field[1]) if self.field else None

    @property
    def model(self) -> type[BaseModel] | None:
        """The model that describes the value, if one does."""
        found = self.annotation
        return found if isinstance(found, type) and issubclass(found, BaseModel) else None

    @property
    def alternatives(self) -> tuple[Shape, ...]:
        """The members of a union; empty where there is no choice."""
        if get_origin(self.annotation) not in _UNIONS:
            return ()
        members = (shape_of(member, self.marks) for member in _members(self.annotation))
        return tuple(replace(member, union=self) for member in members)

    @property
    def words(self) -> tuple[str, ...]:
        """The strings that a `Literal` allows."""
        if get_origin(self.annotation) is not Literal:
            return ()
        return tuple(word for word in get_args(self.annotation) if isinstance(word, str))

    @property
    def tags(self) -> tuple[str, ...]:
        """The values of the discriminator that tells the members of a union apart."""
        named = (member.child(self.discriminator) for member in self.alternatives if self.discriminator)
        return tuple(tag for shape in named if shape is not None for tag in shape.words)

    @property
    def keys(self) -> Shape | None:
        """What is said about the keys of a mapping without fixed keys."""
        return shape_of(get_args(self.annotation)[0]) if self._maps else None

    @property
    def _maps(self) -> bool:
        return get_origin(self.annotation) in _MAPPINGS

    @property
    def _lists(self) -> bool:
        return get_origin(self.annotation) in _LISTS

    def child(self, step: Step) -> Shape | None:
        """Describe an entry; None where the specification has no word about it."""
        if self.annotation is Any:
            return self
        if self.model is not None:
            return fields(self.model).get(str(step))
        arguments = get_args(self.annotation)
        if self._maps:
            return shape_of(arguments[1])
        if self._lists and isinstance(step, int):
            position = step if get_origin(self.annotation) is tuple and arguments[-1] is not Ellipsis else 0
            return shape_of(arguments[position], self.marks) if position < len(arguments) else None
        return None

    def fits(self, node: Node) -> bool:
        """Tell whether a value has the outer form that is asked for: a mapping, a list or neither."""
        if self.annotation is Any or self.alternatives:
            return not self.alternatives or any(member.fits(node) for member in self.alternatives)
        mapping = self.model is not None or self._maps or self.annotation is dict
        listing = self._lists or self.annotation is list
        if isinstance(node.content, dict):
            return mapping
        return listing if isinstance(node.content, list) else not (mapping or listing)

    def chosen(self, node: Node, merged: Node | None = None) -> Shape:
        """Choose the member of a union that a value was most likely meant for; itself where there is no choice.

        `merged` is the value with what other layers say of it: one of them may name the member.
        """
        members = [member for member in self.alternatives if member.fits(node)]
        if not members:
            return self
        tag = self._tag(node) or (self._tag(merged) if merged else None)
        tagged = [member for member in members if tag is not None and member.has_tag(self.discriminator, tag.content)]
        return min(tagged or members, key=lambda member: member.strangers(node)).chosen(node, merged)

    def _tag(self, node: Node) -> Node | None:
        return node.find((self.discriminator,)) if self.discriminator else None

    def has_tag(self, discriminator: str | None, tag: object) -> bool:
        """Tell whether a member of a union is the one that a discriminator's value names."""
        shape = self.child(discriminator) if discriminator and self.model is not None else None
        return shape is not None and tag in shape.words

    def other_tags(self, key: str) -> str:
        """Say with which values of the discriminator another member of the union has this key; nothing if none has."""
        union = self.union
        if union is None or not union.discriminator:
            return ""
        having = [member for member in union.alternatives if member.model and key in fields(member.model)]
        words = [word for member in having if (tag := member.child(union.discriminator)) for word in tag.words]
        return " or ".join(f"`{union.discriminator}: {word}`" for word in words)

    def strangers(self, node: Node) -> int:
        """Count the keys of a value that the model does not know."""
        if self.model is None:
            return 0
        return sum(str(step) not in fields(self.model) for step, _ in node.entries())


def shape_of(annotation: Any, marks: tuple[object, ...] = ()) -> Shape:
    """Look through `Annotated`, aliases of types, and unions with None."""
    discriminator = None
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            marks = (*marks, *more)
            names = [mark.discriminator for mark in more if isinstance(mark, FieldInfo)]
            discriminator = next((name for name in names if isinstance(name, str)), discriminator)
        elif hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        elif get_origin(annotation) in _UNIONS and len(_members(annotation)) == 1:
            annotation = _members(annotation)[0]
        else:
            return Shape(annotation, marks, discriminator)


def _members(annotation: Any) -> tuple[Any, ...]:
    return tuple(member for member in get_args(annotation) if member is not type(None))


@cache
def fields(model: type[BaseModel]) -> dict[str, Shape]:
    """Give a model's fields by the names that people write."""
    return {alias: _field_shape(field, (model, name)) for alias, name, field in _aliased(model)}


def _field_shape(field: FieldInfo, where: tuple[type[BaseModel], str]) -> Shape:
    shape = shape_of(field.annotation, tuple(field.metadata))
    own = field.discriminator if isinstance(field.discriminator, str) else None
    return Shape(shape.annotation, shape.marks, own or shape.discriminator, where)


def _aliased(model: type[BaseModel]) -> Iterator[tuple[str, str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield field.validation_alias if isinstance(field.validation_alias, str) else name, name, field


@dataclass(frozen=True, slots=True)
class Visit:
    """One value on a walk; `shape` is None for a key that its model does not know.

    `default_of` is the model whose default the value is; None where it was written.
    """

    steps: Steps
    node: Node
    shape: Shape | None
    parent: Shape
    default_of: type[BaseModel] | None = None


def walk(shape: Shape, node: Node, steps: Steps, *, defaults: bool, merged: Node | None = None) -> Iterator[Visit]:
    """Visit every value that a specification describes and every unknown key; with `defaults`, what is left out too.

    A value that may be anything, or of another form than the specification's, is not looked into. Of a layer, `merged`
    is the value with what the others say; lists are not merged.
    """
    if shape.annotation is Any or not isinstance(node.content, dict | list):
        return
    shape = shape.chosen(node, merged)
    if not shape.fits(node):
        return
    for step, child in node.entries():
        below = shape.child(step)
        way = (*steps, step)
        if below is not None:
            yield Visit(way, child, below, shape)
            beside = merged.child(step) if merged and isinstance(step, str) else None
            yield from walk(below, child, way, defaults=defaults, merged=beside)
        elif shape.model is not None:
            yield Visit(way, child, None, shape)
    if defaults and shape.model is not None and isinstance(node.content, dict):
        yield from _defaults(shape, shape.model, node, steps)


def _defaults(shape: Shape, model: type[BaseModel], node: Node, steps: Steps) -> Iterator[Visit]:
    for alias, default in _left_out(model).items():
        child = node.child(alias)
        if child is None or child.removed:
            below, way = fields(model)[alias], (*steps, alias)
            value = plant(default, node.key)
            yield Visit(way, value, below, shape, model)
            for visit in walk(below, value, way, defaults=False):
                yield replace(visit, default_of=model)


@cache
def _left_out(model: type[BaseModel]) -> dict[str, JsonValue]:
    """Give the defaults of a model's fields by the names that people write."""
    return {alias: _default(field) for alias, _, field in _aliased(model) if _has_default(field)}


def _has_default(field: FieldInfo) -> bool:
    return not field.is_required() and not field.default_factory_takes_validated_data


def _default(field: FieldInfo) -> JsonValue:
    """Give a field's default as people would write it."""
    default = field.get_default(call_default_factory=True)
    plain: JsonValue = to_jsonable_python(default, by_alias=True, fallback=str)
    return plain
