"""What specifications say about their fields: the string below each, read from the source when somebody asks.

Pydantic can do so itself, while it builds a class: that costs every command a fifth of a second, and only editor
schemas and errors show descriptions. Reads source files, nothing else.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from pydantic import BaseModel


@cache
def of(model: type[BaseModel]) -> Mapping[str, str]:
    """Give the descriptions of a model's fields by their names in Python, those of inherited fields included."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= dict(_own(base))
    found |= {name: field.description for name, field in model.model_fields.items() if field.description}
    return MappingProxyType({name: found[name] for name in model.model_fields if name in found})


def _own(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    except (OSError, TypeError, SyntaxError):
        return  # a class without a source file has no descriptions that could be read
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            words = _string(below)
            if words is not None:
                yield field.target.id, inspect.cleandoc(words)


def _string(statement: ast.stmt) -> str | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
