"""The server's words where they name types of Go or values that nobody wrote: the same in words about the manifest.

Source: `encoding/json`, UnmarshalTypeError; apiextensions-apiserver pkg/registry/customresource, the note about rules;
kube-openapi pkg/validation/errors, InvalidType.
"""

import re

_TYPE = re.compile(r"(?:json: )?cannot unmarshal (\w+)(?: (\S+))? into Go (?:struct field (\S+?)|value) of type (\S+)")
_OF_DEFINITION = re.compile(r'(\S+): Invalid value: "(\w+)": \1 in body must be of type (\w+): "\2"')
_UNCHECKED = re.compile(r"Invalid value: (?:null|\"null\"): (some validation rules were not checked)")
_FOUND = {"string": "a text", "number": "a number", "bool": "true or false", "array": "a list", "object": "a mapping"}
_NAMED = {**_FOUND, "boolean": "true or false", "integer": "a whole number", "null": "null, which an empty value is"}
_WANTED = (
    (
        re.compile(
            r"\*?string|.*\.(?:[A-Z]\w*(?:Type|Policy|Mode|Name|Class|Protocol|Quantity|IntOrString|Time|Duration))"
        ),
        "a text",
    ),
    (re.compile(r"\*?u?int\d*"), "a whole number"),
    (re.compile(r"\*?float\d*"), "a number"),
    (re.compile(r"\*?bool"), "true or false"),
    (re.compile(r"\*?\[\].*"), "a list"),
)
_MADE_UP = (
    ("00000000-0000-4000-8000-000000000000", "the uid that the cluster gives"),
    ("stores kubernetes-admin", "stores the name of whoever creates it"),
)
"""What tools/kubernetes puts where only a cluster knows the value: internal/request."""


def plain(message: str) -> str:
    """Say of a value of a wrong type what it is and must be, and of one that the program made up what it stands for."""
    for made_up, meaning in _MADE_UP:
        message = message.replace(made_up, meaning)
    return _UNCHECKED.sub(r"\1", _OF_DEFINITION.sub(_of_definition, _TYPE.sub(_typed, message)))


def _of_definition(match: re.Match[str]) -> str:
    path, found, wanted = match.groups()
    return f"`{path}` holds {_NAMED.get(found, found)}, and must be {_NAMED.get(wanted, wanted)}"


def _typed(match: re.Match[str]) -> str:
    found, _, field, wanted = match.groups()
    place = f"`{field.partition('.')[2] or field}`" if field else "a value"
    must = next((words for pattern, words in _WANTED if pattern.fullmatch(wanted)), "a mapping")
    of = " of texts" if wanted.endswith("]string") else ""
    return f"{place} holds {_FOUND.get(found, found)}, and must be {must}{of}"


def is_remark(message: str) -> bool:
    """Tell whether words are about other findings, and nothing is wrong by themselves."""
    return message.startswith("some validation rules were not checked")
