"""Texts with parameters, as ApplicationSets have them: Go templates of one value each, and the older `{{name}}`.

Source: Argo CD 3.5.1, `Replace` of `applicationset/utils`; text/template; sprig 3. Conditions, loops, and functions
that are not listed here are not rendered, and that is said.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from aurora.model.json_value import JsonObject, JsonValue, items, text

_PLACE = re.compile(r"(\s*\{\{-\s|\{\{)(.*?)(\s-\}\}\s*|\}\})", re.DOTALL)
_TOKEN = re.compile(r'\s*("(?:\\.|[^"\\])*"|`[^`]*`|[()|]|\.[A-Za-z_][\w.]*|\.|-?\d+\b|[A-Za-z_]\w*)')
_NO_NAME = re.compile(r"[^-a-z0-9.]")
_LARGEST = 1_000_000
"""From here on Go writes numbers of JSON with an exponent."""


class NotRenderedError(Exception):
    """A text asks for what is not known here; says why."""


def render(value: JsonValue | None, params: JsonObject, *, go: bool, strict: bool) -> JsonValue:
    """Fill in every text of a value, and every key.

    Raises:
        NotRenderedError: a text cannot be filled in here.
    """
    if isinstance(value, str):
        if "{{" not in value:
            return value
        return _go(value, params, strict=strict) if go else _plain(value, params)
    if isinstance(value, dict):
        return {
            text(render(key, params, go=go, strict=strict)): render(inner, params, go=go, strict=strict)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [render(inner, params, go=go, strict=strict) for inner in value]
    return value


def printed(value: JsonValue | None) -> str:
    """Write a value as Go prints it.

    Raises:
        NotRenderedError: Go prints it in a form of its own.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "<no value>"
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < _LARGEST):
        return json.dumps(value)
    raise NotRenderedError(f"Go prints `{json.dumps(value)[:40]}` in a form of its own")


def _plain(value: str, params: JsonObject) -> str:
    def filled(found: re.Match[str]) -> str:
        known = params.get(found[1].strip())
        return known if isinstance(known, str) else found[0]

    return re.sub(r"\{\{(.*?)\}\}", filled, value, flags=re.DOTALL)


def _go(value: str, params: JsonObject, *, strict: bool) -> str:
    return _PLACE.sub(lambda found: printed(_Expression(found[2], params, strict=strict).value()), value)


class _Expression:
    """What stands between two pairs of braces."""

    def __init__(self, written: str, params: JsonObject, *, strict: bool) -> None:
        self._written, self._params, self._strict = written.strip(), params, strict
        self._tokens: list[str] = []
        at = 0
        while at < len(self._written):
            token = _TOKEN.match(self._written, at)
            if token is None:
                self._fail()
            self._tokens.append(token[1])
            at = token.end()

    def _fail(self) -> NoReturn:
        raise NotRenderedError(f"the template has `{{{{{self._written[:80]}}}}}`")

    def value(self) -> JsonValue | None:
        """Give the value of the whole."""
        found = self._pipeline()
        if self._tokens:
            self._fail()
        return found

    def _pipeline(self) -> JsonValue | None:
        found = self._command(None)
        while self._tokens and self._tokens[0] == "|":
            self._tokens.pop(0)
            found = self._command([found])
        return found

    def _command(self, last: list[JsonValue | None] | None) -> JsonValue | None:
        """Read a value, or a function with what it is given; a pipe gives its value as the last one."""
        name = self._tokens[0] if self._tokens else self._fail()
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            found = self._operand()
            return found if last is None and (not self._tokens or self._tokens[0] in "|)") else self._fail()
        self._tokens.pop(0)
        given: list[JsonValue | None] = []
        while self._tokens and self._tokens[0] not in ("|", ")"):
            given.append(self._operand())
        try:
            return FUNCTIONS[name](*given, *(last or []))
        except (KeyError, TypeError, IndexError, AttributeError, ValueError):
            self._fail()

    def _operand(self) -> JsonValue | None:
        word = self._tokens.pop(0)
        if word == "(":
            found = self._pipeline()
            return found if self._tokens and self._tokens.pop(0) == ")" else self._fail()
        if word[0] in '"`':
            return text(json.loads(word)) if word[0] == '"' else word[1:-1]
        if word[0] == ".":
            return self._field([step for step in word.split(".") if step])
        return int(word) if re.fullmatch(r"-?\d+", word) else self._fail()

    def _field(self, steps: list[str]) -> JsonValue | None:
        found: JsonValue | None = self._params
        for number, step in enumerate(steps):
            if not isinstance(found, dict) or (step not in found and (self._strict or number < len(steps) - 1)):
                raise NotRenderedError(f"the parameter `{'.'.join(steps)}` is missing")
            found = found.get(step)
        return found


def _index(value: JsonValue, *keys: JsonValue) -> JsonValue | None:
    for key in keys:
        value = items(value)[int(str(key))] if isinstance(value, list) else value[key]  # type: ignore[index]
    return value


FUNCTIONS: Mapping[str, Callable[..., JsonValue | None]] = {
    "default": lambda other, value=None: value if value not in (None, "", 0, False, [], {}) else other,
    "index": _index,
    "lower": str.lower,
    "normalize": lambda value: _NO_NAME.sub("-", str.lower(value))[:253].strip("-."),
    "quote": lambda value: json.dumps(printed(value), ensure_ascii=False),
    "replace": lambda old, new, value: str.replace(value, old, new),
    "squote": lambda value: f"'{printed(value)}'",
    "toString": printed,
    "trim": str.strip,
    "trimPrefix": lambda prefix, value: str.removeprefix(value, prefix),
    "trimSuffix": lambda suffix, value: str.removesuffix(value, suffix),
    "upper": str.upper,
}
"""Functions of text/template, sprig and Argo CD that templates of ApplicationSets use most."""
