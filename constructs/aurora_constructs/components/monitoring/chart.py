"""Recording rules, alerts and dashboards."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cdk8s_plus_35 import k8s

from aurora_constructs.component import Component
from aurora_constructs.components.monitoring import dashboard, queries
from aurora_constructs.components.monitoring.selection import any_of, chosen
from aurora_constructs.components.monitoring.spec import MonitoringSpec
from aurora_constructs.filling import fill
from aurora_constructs.spec import NamespacedSpec, Subject
from aurora_contract import metrics, programs


class Monitoring(Component[MonitoringSpec]):
    """Emits PrometheusRules and the dashboards' ConfigMaps for what the other components bring.

    Both are tables, `rules.yaml` and `dashboard.yaml`, whose sections name the subjects that they are about; what they
    leave open is filled in here.
    """

    def compose(self) -> None:
        """Add the rules and dashboards of every section that has a subject."""
        self._subjects = self.platform.subjects()
        objects: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        for section in self.platform.tables("monitoring/rules")["sections"]:
            objects[section["object"]][section.get("group", "alerts")].extend(self._filled(section))
        for subject, groups in objects.items():
            self._rules(subject, {name: rules for name, rules in groups.items() if rules})
        for entry in self.platform.tables("monitoring/dashboard")["dashboards"]:
            self._dashboard(entry)

    def _filled(self, section: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the rules of a section; numbers are written without a tail of zeros, as PromQL reads them."""
        subjects = chosen(section, self._subjects)
        limits = self.spec.thresholds
        known = {
            **{name: f"{value:g}" for name, value in limits.model_dump().items()},
            "certificate_seconds": limits.certificate_days * 24 * 3600,
            "environment": self.platform.environment,
            "failed": metrics.FAILED,
            "gate": programs.MODEL_GATE.container,
            "server": programs.INFERENCE.container,
        }
        if "about" not in section:
            own = {spec.namespace for spec in self.platform.of_kind(NamespacedSpec).values()}
            yield from fill(section["rules"], {**known, "namespaces": any_of(own)})
        elif section.get("each"):
            for each in subjects:
                values = {**known, **_own(each)}
                asked = queries.analyses(self.platform, values)
                yield from fill(section["rules"], {**values, **{f"compared_{key}": asked[key] for key in asked}})
        elif subjects:
            namespaces, names = (any_of(getattr(each, key) for each in subjects) for key in ("namespace", "name"))
            yield from fill(section["rules"], {**known, "namespaces": namespaces, "names": names})

    def _rules(self, subject: str, groups: dict[str, list[dict[str, Any]]]) -> None:
        """Add the groups; the rules of each are evaluated one after the other, at one moment."""
        if not groups:
            return
        prefix = self.platform.names.object(subject)
        body = [{"name": f"{prefix}.{name}", "interval": "30s", "rules": rules} for name, rules in groups.items()]
        self.custom(
            f"{subject}-rules",
            api_version="monitoring.coreos.com/v1",
            kind="PrometheusRule",
            name=f"{self.object_name}-{subject}",
            namespace=self.namespace_name,
            labels={"release": self.platform.monitoring.release},
            body={"spec": {"groups": body}},
        )

    def _dashboard(self, entry: Mapping[str, Any]) -> None:
        if chosen(entry, self._subjects):
            uid = self.platform.names.object(entry["name"])
            name = f"{self.object_name}-{entry['suffix']}"
            k8s.KubeConfigMap(
                self,
                entry["suffix"],
                metadata=self.meta(name, labels=dashboard.LABEL),
                data={f"{uid}.json": dashboard.dashboard_json(entry, self.platform.names, self._subjects)},
            )


def _own(subject: Subject) -> dict[str, str]:
    return {"namespace": subject.namespace, "name": subject.name, **dict(subject.values)}
