"""What the cloud must provide, as people read it: things, then identities with their documents. Writes no colours."""

import json
from collections.abc import Iterator, Mapping

from aurora.console import printable
from aurora.model.prerequisites import CloudIdentity, Item, Prerequisites
from aurora.reporters.text import counted

NOBODY = "nobody"
TITLES = {
    "trust": "trust policy",
    "permissions": "permissions policy",
    "associations": "Pod Identity associations",
    "federatedCredentials": "federated credentials",
    "roleAssignments": "role assignments",
}


def write(found: Prerequisites) -> str:
    """Write everything, one block for each thing and each identity."""
    blocks = [*map(_item, found.items), *map(_identity, found.identities), summary(found)]
    return "\n\n".join(blocks)


def summary(found: Prerequisites) -> str:
    """Write the last line: how much there is."""
    number = len(found.identities)
    identities = "1 identity" if number == 1 else f"{number} identities"
    return printable(f"{found.environment} needs {counted(len(found.items), 'thing')} and {identities}")


def _item(item: Item) -> str:
    lines = [f"{item.kind} {item.name}", *_stated(item.facts)]
    if item.needed_by:
        lines.append(f"  needed by: {', '.join(item.needed_by)}")
    return "\n".join(map(printable, lines))


def _stated(facts: Mapping[str, object]) -> Iterator[str]:
    for key, value in facts.items():
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            yield f"  {key}: {', '.join(value)}"
        else:
            yield f"  {key}: {value if isinstance(value, str) else json.dumps(value)}"


def _identity(identity: CloudIdentity) -> str:
    lines = [
        f"identity {identity.name}",
        f"  id: {identity.id}",
        f"  accounts: {', '.join(identity.accounts) or NOBODY}",
    ]
    if identity.needs:
        lines.append(f"  needs: {', '.join(f'{name} ({access})' for name, access in identity.needs.items())}")
    lines += [f"  permissions published at: {address}" for address in identity.published]
    lines += [f"  not known: what the chart of {name} needs" for name in identity.unknown]
    for key, document in identity.documents.items():
        lines.append(f"  {TITLES.get(key, key)}:")
        lines += [f"    {line}" for line in json.dumps(document, indent=2).splitlines()]
    return "\n".join(map(printable, lines))
