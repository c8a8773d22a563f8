"""What node pools cost by a price list that somebody gives, which part runs on spot machines, and wrong price lists."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from aurora.cluster.pool_demand import pools
from aurora.errors import InputError, UsageError
from aurora.model.node_pools import Costs, PoolCost
from aurora.overview import prices
from aurora.overview.costs import costs, known_machines
from aurora.reporters.html import overview_page
from checks.test_scheduling import inventory, pod

KARPENTER = """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: mixed}
spec:
  limits: {cpu: "64"}
  template:
    spec:
      taints: [{key: mixed, effect: NoSchedule}]
      requirements:
        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5]}
        - {key: karpenter.sh/capacity-type, operator: In, values: [spot, on-demand]}
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: ml}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 8}
"""
WEB = pod(resources="{requests: {cpu: 500m, memory: 1Gi}}")
MIXED = pod(
    "nodeSelector: {karpenter.sh/nodepool: mixed}\n      tolerations: [{key: mixed, operator: Exists}]",
    name="mixed",
    resources="{requests: {cpu: '2', memory: 4Gi}}",
)
PRICES = """\
currency: EUR
hoursPerMonth: 100
machines:
  Standard_D4s_v3: {on-demand: 0.1}
rates:
  on-demand: {cpu: 0.5, memory: 0.25}
  spot: {cpu: 0.1}
"""


def priced(folder: Path, text: str, *objects: str) -> Costs:
    file = folder / "prices.yaml"
    file.write_text(text)
    found = pools(inventory(*objects))
    return costs(found, prices.read(file, known_machines([found])))


def told(line: PoolCost) -> tuple[object, ...]:
    amounts = (line.least, line.written, line.most)
    return (line.pool, line.bought, *(None if amount is None else float(amount) for amount in amounts))


def test_a_pool_of_one_type_costs_its_machines(tmp_path: Path) -> None:
    heavy = pod(resources="{requests: {cpu: 3}}").replace("spec:\n", "spec:\n  replicas: 3\n", 1)
    found = priced(tmp_path, PRICES, heavy)
    system = found.lines[0]
    # 2 to 4 machines of 3.86 CPUs each; three pods of 3 CPUs take at least 3 of them.
    assert told(system) == ("system", "on-demand", 20, 30, 40)
    assert system.by == "2, 3 and 4 machines Standard_D4s_v3"
    assert (found.currency, float(found.hours)) == ("EUR", 100)


def test_a_pool_whose_machines_differ_costs_what_is_requested_by_each_way_of_buying(tmp_path: Path) -> None:
    found = priced(tmp_path, PRICES, WEB, KARPENTER, MIXED)
    mixed = {line.bought: told(line)[2:4] for line in found.lines if line.pool == "mixed"}
    assert mixed == {"on-demand": (200, 200), "spot": (20, 20)}
    # The total takes the dearer way, and the system pool.
    assert (float(found.least), float(found.written)) == (20 + 200, 20 + 200)


def test_what_has_no_price_is_named_and_in_no_total(tmp_path: Path) -> None:
    found = priced(tmp_path, "currency: EUR\n", WEB, KARPENTER, MIXED)
    assert {line.missing for line in found.lines if line.pool == "system"} == {
        "`machines.Standard_D4s_v3` has no price on-demand"
    }
    assert all("`rates." in line.missing for line in found.lines if line.pool == "mixed")
    assert [found.least, found.written, found.most] == [Fraction(0)] * 3


def test_requests_of_all_pools_are_summed_up_with_what_is_surely_and_perhaps_on_spot_machines() -> None:
    found = pools(inventory(WEB, SCALER, KARPENTER, MIXED))
    cpu = found.totals[0]
    assert (cpu.item, float(cpu.least), float(cpu.written)) == ("cpu", 3, 3)
    assert cpu.most > cpu.written
    assert (float(cpu.spot), float(cpu.spot_at_most)) == (0, 2)
    assert overview_page.spot_share(cpu) == "0% to 67%"
    assert found.several == ()


def test_requests_that_several_pools_take_are_summed_up_apart() -> None:
    system = {"machine": "Standard_D4s_v3", "mode": "system", "minimum": 2, "maximum": 2}
    found = pools(inventory(WEB, system=system, more={**system, "maximum": 9}))
    assert [(amount.item, float(amount.written)) for amount in found.several] == [("cpu", 0.5), ("memory", 2**30)]
    assert [total.spot_at_most for total in found.totals] == [0, 0]


def test_prices_are_exact_and_money_is_rounded_once() -> None:
    assert prices.exact(0.1) * 3 == Fraction(3, 10)
    assert overview_page.money(Fraction(1234567, 1000)) == "1,234.57"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (PRICES.replace("0.1}\nrates", "-0.1}\nrates"), "4:32", "is `-0.1`, must be"),
        (PRICES.replace("cpu: 0.5", "cpu: '0.5'"), "6:20", "must be a number"),
        (PRICES.replace("cpu: 0.5", "cpu: .nan"), "6:20", "`.nan` has no form in JSON"),
        (PRICES.replace("Standard_D4s_v3", "Standard_D4s_v9"), "4:3", "is no type of machine that Aurora or"),
        (PRICES.replace("EUR", "euro"), "1:11", "must match"),
        (PRICES.replace("currency: EUR\n", ""), "1:1", "the price list has no `currency`"),
        (PRICES.replace("machines", "machnes"), "3:1", "`machnes` is no key of a price list"),
        (PRICES.replace("on-demand: 0.1", "reserved: 0.1"), "4:21", "must"),
        (PRICES.replace("100", "800"), "2:16", "must"),
        ("a: [\n", "2:1", ""),
    ],
)
def test_a_wrong_price_list_is_told_at_its_place(tmp_path: Path, text: str, place: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        priced(tmp_path, text, WEB)
    shown = [f"{finding.place} {finding.message}" for finding in error.value.findings]
    assert any(f"prices.yaml:{place}" in line and message in line for line in shown), shown


def test_a_machine_that_an_environment_states_is_known(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text("currency: EUR\nmachines: {rack-server: {on-demand: 1}}\n")
    assert prices.read(file, {"rack-server"}).machine("rack-server", "on-demand") == 1
    with pytest.raises(InputError):
        prices.read(file, ())


def test_a_price_list_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        prices.read(tmp_path / "none.yaml", ())


@pytest.mark.parametrize("text", ["", "- 1\n"])
def test_what_is_no_mapping_is_told_what_a_price_list_holds(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as error:
        priced(tmp_path, text, WEB)
    (finding,) = error.value.findings
    assert finding.hint is not None and "a price list holds" in finding.hint and "`currency`" in finding.hint
