"""The type of a manifest's body: what JSON can say."""

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]


def mapping(value: JsonValue | None) -> JsonObject:
    """Give the value if it is a mapping, otherwise an empty one: foreign manifests hold anything."""
    return value if isinstance(value, dict) else {}


def items(value: JsonValue | None) -> list[JsonValue]:
    """Give the value if it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def text(value: JsonValue | None) -> str:
    """Give the value if it is a string, otherwise the empty string."""
    return value if isinstance(value, str) else ""


def dig(value: JsonValue | None, *steps: str | int) -> JsonValue | None:
    """Follow keys and list indexes; give `None` where the path ends early."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)  # type: ignore[arg-type]  # no key is a number
        elif isinstance(step, int) and isinstance(value, list) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def without_case(value: JsonValue) -> JsonValue:
    """Write all keys in lower case: programs in Go that decode JSON ignore their case (encoding/json, Unmarshal)."""
    if isinstance(value, list):
        return [without_case(entry) for entry in value]
    return {key.lower(): without_case(entry) for key, entry in value.items()} if isinstance(value, dict) else value
