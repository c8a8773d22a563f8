"""The page about recovery: a row and commands for each promise, which name what there is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aurora import rule_texts
from aurora.model.inventory import Inventory
from aurora.overview import recovery
from aurora_constructs.cluster import Aks, Eks
from checks.rule_cases import inventory

CASE = rule_texts.text("recovery/not-backed-up").good
GUID = "0b1f6471-1bf0-4dda-aec3-cb9272f09590"
ISSUER = f"https://westeurope.oic.prod-aks.azure.com/{GUID}/{GUID}/"
PROMISED = {"rpo": "15m", "rto": "4h"}


@pytest.fixture(scope="module")
def page() -> str:
    tried = rule_texts.text("recovery/never-tried").good.split("---")[-1]
    return recovery.page([("shop", inventory(f"{CASE}\n---\n{tried}"))])


def test_a_row_has_the_figures_of_the_promise_and_of_the_schedule(page: str) -> None:
    assert "| PersistentVolumeClaim ml/models | 6h | 2h | `models` in `primary` | 6h | 30d |" in page
    assert "A restore is tried on a schedule: `models` at `0 5 * * 1` (UTC)." in page


def test_every_promise_has_commands_about_what_there_is(page: str) -> None:
    assert "### shop: Namespace ml" in page
    assert "### shop: PersistentVolumeClaim ml/models" in page
    assert set(re.findall(r"(?:--from-schedule |schedule-name=)(\S+)", page)) == {"models"}
    assert set(re.findall(r"--include-namespaces (\S+)", page)) == {"ml"}
    assert "--namespace-mappings ml:ml-restored --restore-volumes" in page


def test_what_no_schedule_keeps_has_no_commands() -> None:
    case = CASE.replace("includedNamespaces: [ml]", "includedNamespaces: [velero]")
    assert "velero -n" not in recovery.page([("shop", inventory(case))])


CLUSTER = {
    "provider": "eks",
    "kubernetes": "1.35",
    "domain": "example.com",
    "region": "eu-central-1",
    "account": "210987654321",
    "apiServerCidrs": ["10.0.0.10/32"],
    "identity": {"type": "pod-identity"},
}


def with_bucket(resource: Any) -> str:
    facts = Eks.model_validate({**CLUSTER, "resources": {"models": resource}})
    return recovery.page([("shop", Inventory([], environment="shop", cluster=facts))])


def test_a_bucket_is_brought_back_by_its_versions() -> None:
    page = with_bucket({"type": "bucket", "bucket": "shop-models", "keepsDays": 35, "recovery": PROMISED})
    assert "| bucket `models` | 15m | 4h | its versions | every write | 35d |" in page
    assert "aws s3api list-object-versions --bucket shop-models" in page


def test_a_container_is_brought_back_by_azure() -> None:
    blobs = {"type": "blob-container", "account": "shop", "container": "models", "keepsDays": 7, "recovery": PROMISED}
    azure = {"provider": "aks", "subscription": GUID, "tenant": GUID, "identity": {"oidcIssuer": ISSUER}}
    kept = {key: CLUSTER[key] for key in ("kubernetes", "domain", "apiServerCidrs")}
    facts = Aks.model_validate({**kept, **azure, "resources": {"models": blobs}})
    page = recovery.page([("shop", Inventory([], environment="shop", cluster=facts))])
    assert "az storage blob undelete --account-name shop --container-name models" in page


def test_without_promises_the_page_says_so() -> None:
    assert recovery.page([("shop", Inventory([]))]).endswith(recovery.NOTHING)
