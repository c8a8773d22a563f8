"""Facts about the check `tetragon` that its rules' examples do not state."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from aurora import manifests
from aurora.checks.tetragon import CHECK, signatures
from aurora.model.inventory import Inventory
from aurora.paths import RepositoryPaths
from aurora.tracing.argument_types import FAMILIES, OPERATORS
from checks.examples import tetragon as examples
from checks.inventory_cases import assert_findings_point_at_fields, hostile, judge, pointers

HOOK = "/spec/kprobes/0"
FILTER = f"{HOOK}/selectors/0/matchArgs/0"


def hook(call: str, flag: str = "", args: str = "[{index: 0, type: int}]", filters: str = "") -> str:
    filters = filters or 'matchArgs: [{index: 0, operator: Equal, values: ["1"]}]'
    return (
        "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicyNamespaced\nmetadata: {name: watch, namespace: shop}\n"
        "spec:\n  options: [{name: policy-mode, value: monitor}]\n  kprobes:\n"
        f"    - call: {call}\n{f'      syscall: {flag}' if flag else ''}\n      args: {args}\n"
        f"      selectors: [{{{filters}, matchActions: [{{action: Post, rateLimit: 1m}}]}}]\n"
    )


@pytest.mark.parametrize("name", ["POLICY", "CONNECTIONS", "NAMESPACES", "CLUSTER", "CHART"])
def test_the_examples_are_clean(name: str) -> None:
    assert judge(CHECK, getattr(examples, name)) == []


def test_the_repositorys_policies_are_clean(repository: RepositoryPaths) -> None:
    files = sorted(repository.tracing_policies.glob("*/policy.yaml"))
    assert [file.parent.name for file in files] == [
        "container-escape-detection",
        "ml-network-connections",
        "sensitive-file-access",
        "suspicious-process-execution",
    ]
    for file in files:
        assert judge(CHECK, file.read_text(encoding="utf-8")) == [], file.parent.name


def test_the_repositorys_policies_use_functions_with_a_known_signature(repository: RepositoryPaths) -> None:
    for file in repository.tracing_policies.glob("*/policy.yaml"):
        (manifest,) = manifests.read(file.read_bytes(), str(file)).manifests
        kprobes = manifest.get("spec", "kprobes")
        assert isinstance(kprobes, list)
        assert {entry["call"] for entry in kprobes} <= signatures.SIGNATURES.keys()  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("call", "flag", "found"),
    [
        ("sys_setns", "true", False),
        ("sys_setns", "false", True),
        ("sys_setns", "", True),
        ("tcp_close", "false", False),
        ("tcp_close", "true", True),
        ("tcp_close", "", True),
        ("__x64_sys_setns", "true", False),
        ("security_file_open", "true", True),
        ("system_wq", "true", True),
        ("list:calls", "", False),
    ],
)
def test_system_calls_are_told_by_their_names(call: str, flag: str, found: bool) -> None:
    assert bool(pointers(judge(CHECK, hook(call, flag)), "tetragon/syscall-flag")) is found


@pytest.mark.parametrize(
    ("call", "args", "rule", "found"),
    [
        ("tcp_connect", "[{index: 1, type: int}]", "tetragon/argument-index", ["/args/0/index"]),
        ("tcp_connect", "[{index: 0, type: socket}]", "tetragon/argument-type", ["/args/0/type"]),
        ("tcp_connect", "[{index: 0, type: sock}]", "tetragon/argument-type", []),
        ("tcp_connect", "[{index: 0, type: nop}]", "tetragon/argument-type", []),
        ("tcp_connect", "[{index: 0, type: uint32, resolve: sk_priority}]", "tetragon/argument-type", []),
        ("unknown_function", "[{index: 4, type: int}]", "tetragon/argument-index", []),
        ("unknown_function", "[{index: 5, type: int}]", "tetragon/argument-index", ["/args/0/index"]),
        ("unknown_function", "[{index: -1, type: int}]", "tetragon/argument-index", ["/args/0/index"]),
        ("security_mmap_file", "[{index: 1, type: uint32}]", "tetragon/argument-type", ["/args/0/type"]),
        ("filp_close", "[{index: 1, type: int}]", "tetragon/argument-type", ["/args/0/type"]),
    ],
)
def test_arguments_are_held_against_the_signature(call: str, args: str, rule: str, found: list[str]) -> None:
    assert pointers(judge(CHECK, hook(call, "false", args)), rule) == [f"{HOOK}{pointer}" for pointer in found]


@pytest.mark.parametrize(
    ("kind", "operator", "values", "found"),
    [
        ("int", "Equal", '["1", "0x10", "-1", "010"]', False),
        ("int", "Equal", '["2147483648"]', True),
        ("uint32", "Equal", '["2147483648"]', False),
        ("uint32", "Equal", '["-1"]', True),
        ("uint64", "Mask", '["0xffffffffffffffff"]', False),
        ("int", "Mask", '["0x80000000"]', True),
        ("int", "Equal", "[MAY_READ]", True),
        ("int", "Equal", '["08"]', True),
        ("int", "InRange", '["1:9"]', False),
        ("int", "InRange", '["1"]', True),
        ("sock", "DAddr", "[10.0.0.0/8, 10.0.0.1, '::1/128']", False),
        ("sock", "DAddr", "[10.0.0.0/33]", True),
        ("sock", "DAddr", "[example.com]", True),
        ("sock", "DAddr", "['fe80::1%eth0']", True),
        ("sock", "DPort", "['443', '8000:9000']", False),
        ("sock", "DPort", "[https]", True),
        ("sock", "DPort", "['65536']", True),
        ("int", "InMap", "['1', '08', '1:9', '-5', 'list:numbers']", False),
        ("int", "InMap", "['0x10']", True),
        ("uint64", "InMap", "['-1']", True),
        ("int", "NotInMap", "['9223372036854775808']", True),
        ("sock", "Family", "[AF_INET, '10']", False),
        ("sock", "Family", "[inet]", True),
        ("sock", "Protocol", "[IPPROTO_TCP, '6:17']", False),
        ("sock", "Protocol", "[tcp]", True),
        ("sock", "State", "[TCP_SYN_SENT]", False),
        ("sock", "State", "[TCP_OPEN]", True),
        ("file", "FileType", "[reg, socket]", False),
        ("file", "FileType", "[text]", True),
        ("cap_effective", "Equal", "['0x3f', 'CAP_CHOWN,cap_sys_admin']", False),
        ("cap_effective", "Equal", "[chown]", True),
    ],
)
def test_values_are_read_as_the_loader_reads_them(kind: str, operator: str, values: str, found: bool) -> None:
    filters = f"matchArgs: [{{index: 0, operator: {operator}, values: {values}}}]"
    stream = hook("unknown_function", "false", f"[{{index: 0, type: {kind}}}]", filters)
    assert bool(pointers(judge(CHECK, stream), "tetragon/value")) is found


@pytest.mark.parametrize(
    ("kind", "operator", "most"),
    [
        ("int", "Equal", 4),
        ("int", "Mask", 4),
        ("file", "Equal", 8),
        ("linux_binprm", "Postfix", 8),
        ("string", "Equal", 8),
    ],
)
def test_values_are_counted_by_the_type(kind: str, operator: str, most: int) -> None:
    for number in (most, most + 1):
        values = ", ".join(f"'{value}'" for value in range(number))
        filters = f"matchArgs: [{{index: 0, operator: {operator}, values: [{values}]}}]"
        stream = hook("unknown_function", "false", f"[{{index: 0, type: {kind}}}]", filters)
        expected = [f"{FILTER}/values"] if number > most else []
        assert pointers(judge(CHECK, stream), "tetragon/too-many-values") == expected


@pytest.mark.parametrize("operator", ["DAddr", "NotDAddr", "SAddr", "NotSAddr"])
def test_networks_are_not_counted(operator: str) -> None:
    values = ", ".join(f"10.{number}.0.0/16" for number in range(40))
    filters = f"matchArgs: [{{index: 0, operator: {operator}, values: [{values}, 127.0.0.0/8, '::1/128']}}]"
    assert judge(CHECK, hook("tcp_connect", "false", "[{index: 0, type: sock}]", filters)) == []


@pytest.mark.parametrize(
    ("operator", "length", "found"),
    [("Prefix", 255, 0), ("Prefix", 256, 1), ("Postfix", 127, 0), ("Postfix", 128, 1), ("Equal", 300, 0)],
)
def test_lengths_are_those_that_the_kernel_compares(operator: str, length: int, found: int) -> None:
    filters = f"matchArgs: [{{index: 0, operator: {operator}, values: [/{'a' * (length - 1)}]}}]"
    stream = hook("security_path_truncate", "false", "[{index: 0, type: path}]", filters)
    assert len(pointers(judge(CHECK, stream), "tetragon/too-long-value")) == found


def test_lengths_are_counted_in_bytes() -> None:
    filters = f"matchArgs: [{{index: 0, operator: Postfix, values: [/{'é' * 64}]}}]"
    stream = hook("security_path_truncate", "false", "[{index: 0, type: path}]", filters)
    assert pointers(judge(CHECK, stream), "tetragon/too-long-value") == [f"{FILTER}/values/0"]


def test_the_loopback_may_stand_in_a_filter_of_its_own() -> None:
    networks = "{index: 0, operator: NotDAddr, values: [%s]}"
    filters = f"matchArgs: [{networks % '127.0.0.0/8, ::1'}, {networks % '10.0.0.0/8'}]".replace("::1", "'::1'")
    assert judge(CHECK, hook("tcp_connect", "false", "[{index: 0, type: sock}]", filters)) == []


@pytest.mark.parametrize("value", ["enforce", "Monitor", "null"])
def test_another_mode_needs_an_approval(value: str) -> None:
    stream = examples.policy("value: monitor", f"value: {value}")
    assert pointers(judge(CHECK, stream), "tetragon/not-monitoring") == ["/spec/options/0"]


@pytest.mark.parametrize("reason", ["", " "])
def test_an_approval_gives_a_reason(reason: str) -> None:
    stream = examples.policy("shop}", f'shop, annotations: {{aurora.example.com/enforcement-approved: "{reason}"}}}}')
    stream = stream.replace("monitor", "enforce").replace("{action: Post, rateLimit: 1m}", "{action: Sigkill}")
    assert {finding.rule for finding in judge(CHECK, stream)} == {"tetragon/not-monitoring", "tetragon/interferes"}


@pytest.mark.parametrize("action", ["Sigkill", "Signal", "Override", "NotifyEnforcer", "Set"])
def test_every_interfering_action_is_found(action: str) -> None:
    stream = examples.policy("{action: Post, rateLimit: 1m}", f"{{action: {action}}}")
    assert len(pointers(judge(CHECK, stream), "tetragon/interferes")) == 1


@pytest.mark.parametrize("limit", ["5", "5s", "10M", "1h"])
def test_limits_that_tetragon_understands(limit: str) -> None:
    assert judge(CHECK, examples.policy("rateLimit: 1m", f'rateLimit: "{limit}"')) == []


@pytest.mark.parametrize(
    ("selectors", "pointer"),
    [
        ("", "/spec"),
        ("podSelector: null", "/spec/podSelector"),
        ("podSelector: {}", None),
        ("containerSelector: {matchLabels: {name: web}}", None),
        ("hostSelector: {}", None),
    ],
)
def test_hosts_are_watched_only_by_choice(selectors: str, pointer: str | None) -> None:
    head, _, rest = examples.CLUSTER.partition("  podSelector:")
    stream = f"{head}  {selectors}\n{rest[rest.index('  kprobes:') :]}"
    assert pointers(judge(CHECK, stream), "tetragon/hosts") == ([] if pointer is None else [pointer])


@pytest.mark.parametrize(
    ("source", "pointer"),
    [
        ("{chart: tetragon, helm: {valuesObject: {crds: {installMethod: helm}}}}", None),
        (
            "{chart: tetragon, helm: {valuesObject: {crds: {installMethod: none}}}}",
            "/helm/valuesObject/crds/installMethod",
        ),
        ("{chart: tetragon, helm: {valuesObject: {}}}", "/helm/valuesObject"),
        ("{chart: tetragon}", ""),
        ("{chart: cilium}", None),
    ],
)
def test_the_chart_brings_its_kinds(source: str, pointer: str | None) -> None:
    stream = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec: {{source: {source}}}\n"
    expected = [] if pointer is None else [f"/spec/source{pointer}"]
    assert pointers(judge(CHECK, stream), "tetragon/installation") == expected


def test_policies_of_another_group_are_left_alone() -> None:
    assert judge(CHECK, examples.policy("cilium.io/v1alpha1", "example.com/v1").replace("syscall: false", "")) == []


@pytest.mark.parametrize(
    ("argument", "operator", "found"),
    [
        ("type: auto", "Equal", True),
        ("type: uint32", "Equal", False),
        ("type: auto, resolve: sk_priority", "Equal", False),
        ("type: fd", "FileType", True),
        ("type: path", "FileType", False),
        ("type: sockaddr_un", "Family", False),
        ("type: nop", "Equal", True),
        ("type: cap_effective", "CapabilitiesGained", True),
    ],
)
def test_operators_are_held_against_the_type(argument: str, operator: str, found: bool) -> None:
    filters = f"matchArgs: [{{index: 0, operator: {operator}, values: ['1']}}]"
    stream = hook("unknown_function", "false", f"[{{index: 0, {argument}}}]", filters)
    assert bool(pointers(judge(CHECK, stream), "tetragon/operator")) is found


@pytest.mark.parametrize(("index", "found"), [(4, False), (0, False), (1, True)])
def test_a_filter_of_a_tracepoint_names_a_field_or_a_place_in_the_list(index: int, found: bool) -> None:
    policy = (
        "apiVersion: cilium.io/v1alpha1\nkind: TracingPolicyNamespaced\nmetadata: {name: calls, namespace: ml}\n"
        "spec:\n  tracepoints:\n  - {subsystem: raw_syscalls, event: sys_enter, args: [{index: 4, type: syscall64}],\n"
        f"     selectors: [{{matchArgs: [{{index: {index}, operator: Equal, values: ['1']}}]}}]}}\n"
    )
    assert bool(pointers(judge(CHECK, policy), "tetragon/undeclared-argument")) is found


def test_every_filterable_type_has_an_operator() -> None:
    assert set(FAMILIES.values()) == set().union(*OPERATORS.values())


@settings(max_examples=300, deadline=None)
@given(hostile(CHECK))
def test_no_manifest_makes_the_check_raise_or_point_at_nothing(inventory: Inventory) -> None:
    assert_findings_point_at_fields(CHECK, inventory)
