"""Texts with parameters, as ApplicationSets have them: Go templates of one value each, and the older `{{name}}`.

Source: Argo CD 3.5.1, `Replace` of `applicationset/utils`; text/template; sprig 3. Conditions, loops, and functions
that are not listed here are not rendered, and that is said.
"""

import itertools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aurora.model.json_value import JsonObject, JsonValue, items, text

_PLACE = re.compile(r"(\s*\{\{-\s|\{\{)(.*?)(\s-\}\}\s*|\}\})", re.DOTALL)
_WORD = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|\||\.[A-Za-z_][\w.]*|\.|-?\d+\b|[A-Za-z_]\w*')
_NO_NAME = re.compile(r"[^-a-z0-9.]")
_LARGEST = 1_000_000
"""From here on Go writes numbers of JSON with an exponent."""


class NotRenderedError(Exception):
    """A text asks for what is not known here; says why."""


@dataclass(frozen=True, slots=True)
class Templates:
    """How texts with parameters are written: as Go templates or the older ones, and whether each must be known."""

    go: bool
    strict: bool = False

    def fill(self, value: JsonValue | None, params: JsonObject) -> JsonValue:
        """Fill in every text of a value, and every key.

        Raises:
            NotRenderedError: a text cannot be filled in here.
        """
        if isinstance(value, str) and "{{" in value:
            return _go(value, params, strict=self.strict) if self.go else _plain(value, params)
        if isinstance(value, dict):
            return {text(self.fill(key, params)): self.fill(inner, params) for key, inner in value.items()}
        return [self.fill(inner, params) for inner in value] if isinstance(value, list) else value


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
    return _PLACE.sub(lambda found: printed(_evaluated(found[2].strip(), params, strict=strict)), value)


def _evaluated(written: str, params: JsonObject, *, strict: bool) -> JsonValue | None:
    """Give the value of what stands between braces: a value or a function, whose result goes into the next one."""
    words = [] if _WORD.sub("", written).strip() else _WORD.findall(written)
    result: list[JsonValue | None] = []
    try:
        for name, *rest in (list(group) for pipe, group in itertools.groupby(words, "|".__eq__) if not pipe):
            given = [_operand(word, params, strict=strict) for word in rest]
            if name in FUNCTIONS:
                result = [FUNCTIONS[name](*given, *result)]
            else:
                result = [] if given or result else [_operand(name, params, strict=strict)]
        (value,) = result
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise NotRenderedError(f"the template has `{{{{{written[:80]}}}}}`") from error
    return value


def _operand(word: str, params: JsonObject, *, strict: bool) -> JsonValue | None:
    if word[0] == '"':
        return text(json.loads(word))
    if word[0] != ".":
        return word[1:-1] if word[0] == "`" else int(word)
    found: JsonValue | None = params
    steps = [step for step in word.split(".") if step]
    for number, step in enumerate(steps):
        if not isinstance(found, dict) or (step not in found and (strict or number < len(steps) - 1)):
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
