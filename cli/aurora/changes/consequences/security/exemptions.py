"""What takes objects out of policies' reach at run time: exceptions of Kyverno, and tracing policies that only watch.

Sources: Kyverno 1.19, PolicyException of both API groups; Tetragon 1.7, option `policy-mode` and actions of selectors.
"""

from collections.abc import Iterator

from aurora.changes.consequences.row import STRONGER, WEAKER, Found, Row, listed, quoted
from aurora.changes.consequences.view import View
from aurora.changes.pairs import Pair
from aurora.model.json_value import JsonValue, dig, items, mapping, text
from aurora.model.manifest import Manifest

_ENFORCING = frozenset({"Override", "Sigkill", "Signal", "NotifyEnforcer"})

EXCEPTION = Row("security/exception-added", WEAKER)
NO_EXCEPTION = Row("security/exception-removed", STRONGER)
WATCHING = Row("security/runtime-only-watches", WEAKER)
ENFORCING = Row("security/runtime-enforces", STRONGER)
UNWATCHED = Row("security/runtime-hook-removed", WEAKER)
WATCHED = Row("security/runtime-hook-added", STRONGER)


def find(view: View) -> Iterator[Found]:
    """Yield exceptions that came and went, and tracing policies that act otherwise."""
    for group in ("kyverno.io", "policies.kyverno.io"):
        for pair in view.of(group, "PolicyException"):
            yield from _exceptions(pair)
    for pair, before, after in view.updated("cilium.io", "TracingPolicy", "TracingPolicyNamespaced"):
        yield from _mode(pair, _acting(before), _acting(after))
        yield from _hooks(pair, _calls(before), _calls(after))


def _exceptions(pair: Pair) -> Iterator[Found]:
    old, new = _exempt(pair.before), _exempt(pair.after)
    if new - old:
        yield EXCEPTION.found(pair, f"exempts from {listed(sorted({name for name, _ in new - old}))}", steps=("spec",))
    if old - new:
        kept = {name for name, _ in new}
        gone = sorted({name for name, _ in old - new} - kept)
        words = f"no longer exempts from {listed(gone)}" if gone else "exempts under other conditions"
        yield NO_EXCEPTION.found(pair, words)


def _exempt(manifest: Manifest | None) -> set[tuple[str, str]]:
    """Give the policies that an exception names, each with everything that bounds the exception."""
    if manifest is None:
        return set()
    spec = mapping(manifest.get("spec"))
    bounds = repr({key: spec[key] for key in sorted(spec) if key not in ("exceptions", "policyRefs")})
    named = [text(dig(entry, "name")) for entry in items(spec.get("policyRefs"))]
    for entry in items(spec.get("exceptions")):
        rules = [text(rule) for rule in items(dig(entry, "ruleNames"))] or ["*"]
        named += [f"{text(dig(entry, 'policyName'))}/{rule}" for rule in rules]
    return {(f"`{name}`", bounds) for name in named}


def _acting(manifest: Manifest) -> bool:
    """Tell whether a tracing policy stops or kills anything."""
    modes = {
        text(dig(option, "value"))
        for option in items(manifest.get("spec", "options"))
        if dig(option, "name") == "policy-mode"
    }
    return "monitor" not in modes and any(action in _ENFORCING for action in _actions(manifest.get("spec")))


def _actions(value: JsonValue | None) -> Iterator[str]:
    for field in ("kprobes", "lsmhooks", "tracepoints", "uprobes"):
        for hook in items(dig(value, field)):
            for selector in items(dig(hook, "selectors")):
                yield from (text(dig(action, "action")) for action in items(dig(selector, "matchActions")))


def _mode(pair: Pair, old: bool, new: bool) -> Iterator[Found]:  # noqa: FBT001 - both sides of one fact
    if old and not new:
        yield WATCHING.found(pair, "reports only what it stopped or killed before", steps=("spec",))
    if new and not old:
        yield ENFORCING.found(pair, "stops or kills what it only reported before", steps=("spec",))


def _hooks(pair: Pair, old: set[str], new: set[str]) -> Iterator[Found]:
    if old - new:
        yield UNWATCHED.found(pair, f"no longer looks at {quoted(sorted(old - new))}", steps=("spec",))
    if new - old:
        yield WATCHED.found(pair, f"looks at {quoted(sorted(new - old))} as well", steps=("spec",))


def _calls(manifest: Manifest) -> set[str]:
    spec = manifest.get("spec")
    found = {
        text(dig(hook, name))
        for field, name in (("kprobes", "call"), ("lsmhooks", "hook"), ("tracepoints", "event"))
        for hook in items(dig(spec, field))
    }
    found |= {f"{text(dig(hook, 'path'))}" for hook in items(dig(spec, "uprobes"))}
    return found
