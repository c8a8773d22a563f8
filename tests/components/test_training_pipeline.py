"""A training pipeline: what its steps get, what is used again, and what the cluster must have for it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from aurora_constructs.cluster import Eks
from components.building import CLUSTER, Built, build, specification, without

CLOUD = Eks.model_validate(
    {
        "provider": "eks",
        "kubernetes": "1.35",
        "region": "cn-north-1",
        "account": "111122223333",
        "domain": "ml.example.com",
        "apiServerCidrs": ["10.0.0.0/28"],
        "identity": {"type": "pod-identity"},
        "identities": {"pipelines": "pipelines"},
        "resources": {
            "artifacts": {"type": "bucket", "bucket": "ml-artifacts"},
            "database": {"type": "postgresql", "host": "db.example.com", "database": "a", "cidrs": ["10.1.0.0/24"]},
        },
    }
)
TRACKING: dict[str, Any] = {
    "kind": "WebService",
    "namespace": "mlflow",
    "image": "mlflow",
    "port": 5000,
    "resources": {"cpu": "1", "memory": "1Gi"},
}
CHURN: dict[str, Any] = {
    "kind": "TrainingPipeline",
    "namespace": "argo",
    "model": "churn",
    "dataset": "s3://raw/churn",
    "identity": "pipelines",
    "artifacts": "artifacts",
    "tracking": "mlflow",
    "resources": {"cpu": "500m", "memory": "2Gi"},
}


def pipeline(**changes: Any) -> Built:
    components = {"mlflow": TRACKING, "network": NETWORK, "churn": without(CHURN, **changes)}
    return build("churn", components, cluster=CLOUD)


NETWORK: dict[str, Any] = {"kind": "NetworkBaseline", "namespaces": ["argo"]}


def template(built: Built, name: str) -> Any:
    (found,) = [each for each in built.one("WorkflowTemplate")["spec"]["templates"] if each["name"] == name]
    return found


def features_key(**steps: Any) -> Any:
    return template(pipeline(steps=steps), "feature-engineering")["memoize"]["key"]


def test_without_a_schedule_a_run_starts_when_somebody_submits_it() -> None:
    assert "CronWorkflow" not in pipeline().kinds
    assert pipeline(schedule="0 3 * * *").one("CronWorkflow")["spec"]["schedules"] == ["0 3 * * *"]


def test_features_are_used_again_until_what_makes_them_changes() -> None:
    usual = features_key()
    assert features_key(modelTraining={"args": ["--deep"]}, featureEngineering={"retries": 0}) == usual
    assert features_key(featureEngineering={"args": ["--deep"]}) != usual
    assert features_key(featureEngineering={"env": {"DEEP": "1"}}) != usual


def test_what_describes_the_run_cannot_be_replaced() -> None:
    built = pipeline(steps={"register": {"env": {"MODEL": "other", "COLOUR": "blue"}}})
    env = {entry["name"]: entry["value"] for entry in template(built, "register")["container"]["env"]}
    assert (env["MODEL"], env["COLOUR"], env["PIPELINE_STEP"]) == ("churn", "blue", "register")


def test_only_training_keeps_its_progress_and_only_the_report_knows_how_the_run_ended() -> None:
    built = pipeline()
    given = {
        each["name"]: {entry["name"] for entry in each["container"]["env"]}
        for each in built.one("WorkflowTemplate")["spec"]["templates"]
        if "container" in each
    }
    assert [name for name, names in given.items() if "CHECKPOINTS" in names] == ["model-training"]
    assert [name for name, names in given.items() if "PIPELINE_STATUS" in names] == ["report"]


def test_the_store_is_reached_where_its_region_has_it() -> None:
    assert (
        '"endpoint": "s3.cn-north-1.amazonaws.com.cn"'
        in pipeline().one("ConfigMap", name="aurora-churn-artifacts")["data"]["repository"]
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"identity": "nobody"}, "has no `nobody`"),
        ({"artifacts": "database"}, "is for database, not for objects"),
        ({"needs": {"nothing": "read"}}, "`nothing`"),
        ({"steps": {"register": {"pool": "spot"}}}, "there is no node pool `spot`"),
        ({"tracking": "network"}, "`network` is a NetworkBaseline, which serves nothing over HTTP"),
    ],
)
def test_what_is_not_there_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pipeline(**changes)


def test_a_cluster_without_a_cloud_has_no_place_for_artifacts() -> None:
    with pytest.raises(ValueError, match="is in no cloud, so there is no resource `artifacts`"):
        build("churn", {"mlflow": TRACKING, "churn": CHURN}, cluster=CLUSTER)


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": "every day"},
        {"schedule": "@dayly"},
        {"schedule": "0 25 * * *"},
        {"timezone": "Europe/Berln"},
        {"dataset": "raw/churn"},
        {"steps": {"train": {}}},
        {"steps": {"register": {"retries": 11}}},
        {"keepHours": 0},
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        specification(without(CHURN, **changes))
