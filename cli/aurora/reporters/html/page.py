"""How an HTML page is put together: templates, the inlined style and scripts, embedded data, the content policy.

A page is one file that loads nothing: its content policy allows only its own styles and scripts, by their
hashes, so that not even markup which slipped through could run or fetch anything. Every value is escaped unless
it is markup of this package, and characters that do not print are written out. Knows no page in particular.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from aurora.console import printable

FOLDER = Path(__file__).parent
STYLES = ("style.css",)
SCRIPTS = ("theme.js",)
# What ends a script element, or starts a comment in one, is written as JSON's own escapes instead.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def render(
    template: str,
    values: Mapping[str, object],
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    data: object = None,
) -> str:
    """Render a template that extends `layout.html.j2`, with the files of its own styles and scripts.

    `data` is what the scripts read: `Aurora.data()` gives it to them.
    """
    own_styles = [_file(name) for name in (*STYLES, *styles)]
    own_scripts = [_file(name) for name in (*SCRIPTS, *scripts)]
    context = {
        "policy": policy(own_styles, own_scripts),
        "styles": [Markup(style) for style in own_styles],  # noqa: S704 - files of this package
        "first_script": Markup(own_scripts[0]),  # noqa: S704 - as above
        "scripts": [Markup(script) for script in own_scripts[1:]],  # noqa: S704 - as above
        "data": embedded(data),
    }
    return _environment().get_template(template).render({**values, **context})


def fragment(template: str, values: Mapping[str, object]) -> Markup:
    """Render a template that is a part of a page."""
    return Markup(_environment().get_template(template).render(values))  # noqa: S704 - escaped where it was rendered


def policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Write the content policy that allows these styles and scripts and nothing else."""
    allowed = {"style-src": styles, "script-src": scripts}
    parts = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "img-src data:"]
    parts += [f"{name} {' '.join(map(_hash, texts)) or chr(39) + 'none' + chr(39)}" for name, texts in allowed.items()]
    return "; ".join(parts)


def embedded(data: object) -> Markup:
    """Write data as JSON that stays data inside a script element, whatever its strings hold."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    for char, written in _ESCAPES.items():
        text = text.replace(char, written)
    return Markup(text)  # noqa: S704 - nothing is left that HTML reads


def prose(text: str) -> Markup:
    """Write a message as HTML: what stands between backticks is code."""
    parts = printable(text).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def number(value: int) -> str:
    """Write a number with groups of three digits."""
    return f"{value:,}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _visible(value: object) -> object:
    """Keep what others wrote on one line, and what does not print visible."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["prose"] = prose
    found.filters["number"] = number
    return found
