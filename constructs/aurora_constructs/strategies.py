"""How a new version of a served model gets its requests: what people write under `strategy`. Imports no cdk8s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from aurora_constructs.components.edge.spec import CanaryShare, EdgeSpec, RoutedSpec
from aurora_constructs.components.monitoring.spec import Factor, MonitoringSpec, RequestRate, Thresholds
from aurora_constructs.platform import Platform
from aurora_constructs.spec import Problem, Spec, Subject
from aurora_constructs.trials import ALL, Form, Plan, State


def _rising(steps: list[int]) -> list[int]:
    for earlier, later in pairwise(steps):
        if later <= earlier:
            raise ValueError(f"{later} follows {earlier}: the shares must rise from step to step")
    return steps


Steps = Annotated[list[Annotated[int, Field(ge=1, le=99)]], Field(min_length=1, max_length=20), AfterValidator(_rising)]
"""The shares in percent at which a version on trial stops; after the last one it may get everything."""


class Analysis(Spec):
    """What a version on trial must keep to; what is left out is the limit of the environment's Monitoring."""

    errors: Factor | None = None
    """How many times the stable track's errors it may have."""
    latency: Factor | None = None
    """How many times as slow as the stable track it may be, by the 95th percentile."""
    requests_per_second: RequestRate | None = None
    """The rate of its requests below which nothing is concluded."""


class CanaryStrategy(Spec):
    """Git states the share of the version on trial, and raises it step by step."""

    type: Literal["canary"] = "canary"
    """The strategy."""
    steps: Steps = [5, 25, 50]
    """The shares in percent at which the version stops."""
    analysis: Analysis = Analysis()
    """What alerts hold it to while it is on trial."""


class BlueGreenStrategy(Spec):
    """Two tracks, of which one gets all requests; the switch is an edit of the share from 0 to 100."""

    type: Literal["blue-green"] = "blue-green"
    """The strategy."""


class RolloutsStrategy(Spec):
    """Argo Rollouts moves the share by itself, and takes a version back that fails its analysis."""

    type: Literal["rollouts"] = "rollouts"
    """The strategy."""
    steps: Steps = [5, 25, 50]
    """The shares in percent at which the version stops and is analysed."""
    minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 10
    """How long each share lasts before it is analysed: at least as long as the rates of the analysis look back."""
    analysis: Analysis = Analysis()
    """What it is held to at each share."""


Strategy = Annotated[CanaryStrategy | BlueGreenStrategy | RolloutsStrategy, Field(discriminator="type")]
"""How a new version gets its requests."""

BLUE_GREEN_STOPS = (0, ALL)


def plan_of(strategy: CanaryStrategy | BlueGreenStrategy | RolloutsStrategy, *, judged: bool) -> Plan:
    """Give the plan of the state machine; `judged` says whether anything evaluates what may fail a version."""
    form = Form(strategy.type)
    if isinstance(strategy, RolloutsStrategy):
        return Plan(form=form, stops=(), judged=judged)
    if isinstance(strategy, BlueGreenStrategy):
        return Plan(form=form, stops=BLUE_GREEN_STOPS, judged=judged)
    return Plan(form=form, stops=tuple(strategy.steps), judged=judged)


@dataclass(frozen=True, slots=True)
class Trial:
    """The version on trial: whole, which what people write need not be; a controller's share is None."""

    version: str
    replicas: int
    share: CanaryShare


class TrialledSpec(RoutedSpec):
    """A served model whose new versions are tried: `stable` serves, `canary` is on trial where it names a version."""

    strategy: Strategy = CanaryStrategy()
    """How a new version gets its requests."""

    def versions(self) -> tuple[str, str | None]:
        """Give the version that serves, and the one on trial."""
        raise NotImplementedError

    def trial_settings(self) -> tuple[CanaryShare | None, int | None]:
        """Give what is written of the version on trial, and its number of pods."""
        raise NotImplementedError

    @property
    def measured(self) -> bool:
        """Whether its pods count what an analysis compares."""
        return True

    @property
    def stable_replicas(self) -> int:
        """The fewest pods that serve."""
        raise NotImplementedError

    @property
    def state(self) -> State:
        """Where its trial stands."""
        stable, canary = self.versions()
        share, _ = self.trial_settings()
        return State(stable, canary, share.weight if share and canary else None)

    @property
    def trial(self) -> Trial | None:
        """The version on trial; None without one."""
        _, version = self.versions()
        share, replicas = self.trial_settings()
        if version is None or share is None:
            return None
        usual = self.stable_replicas if isinstance(self.strategy, BlueGreenStrategy) else 1
        return Trial(version, replicas or usual, share)

    def program(self, platform: Platform) -> str | None:
        """Give the entry of `images` that the pods of both tracks run."""
        raise NotImplementedError

    def is_watched(self, platform: Platform) -> bool:
        """Tell whether anything evaluates the metrics of a version on trial: only then can it fail."""
        return self.measured and bool(platform.of_kind(MonitoringSpec))

    def plan(self, platform: Platform) -> Plan:
        """Give the plan of the state machine."""
        return plan_of(self.strategy, judged=self.is_watched(platform))

    def limits(self, platform: Platform) -> Thresholds:
        """Give the limits of the analysis: its own, and those of Monitoring for what it leaves out."""
        watching = next(iter(platform.of_kind(MonitoringSpec).values()), None)
        known = watching.thresholds if watching else Thresholds()
        analysis = Analysis() if isinstance(self.strategy, BlueGreenStrategy) else self.strategy.analysis
        own = {
            "canary_errors": analysis.errors,
            "canary_latency": analysis.latency,
            "requests_per_second": analysis.requests_per_second,
        }
        return known.model_copy(update={key: value for key, value in own.items() if value is not None})

    def trial_subjects(self, kind: str, name: str, platform: Platform) -> Iterator[Subject]:
        """Give what alerts of a version on trial are about: who takes it back, and beyond which limits."""
        if self.measured and not isinstance(self.strategy, RolloutsStrategy):
            limits = self.limits(platform)
            shown = ("canary_errors", "canary_latency", "requests_per_second")
            values = (("component", name), *((key, f"{getattr(limits, key):g}") for key in shown))
            yield Subject(f"{kind}-{self.strategy.type}", self.namespace, platform.names.object(name), values)

    def problems(self, name: str, platform: Platform) -> Iterator[Problem]:
        """Find a header where the way in divides by weight only, beside what every routed component may have."""
        yield from super().problems(name, platform)
        edge = platform.find(self.edge, EdgeSpec) if self.edge else None
        share, _ = self.trial_settings()
        if share and share.header and edge and edge.way(platform) == "alb":
            message = "an Application Load Balancer divides requests by weight, not by a header"
            yield Problem(("canary", "header"), message, "leave the header out", needs="cluster")

    @model_validator(mode="after")
    def _trial_is_whole(self) -> TrialledSpec:
        share, replicas = self.trial_settings()
        _, version = self.versions()
        wrong = None
        if share and version is None and share.weight is not None:
            wrong = "`canary.weight` without `canary.version`: nothing is on trial"
        elif share and version is not None:
            wrong = self._wrong_share(share) or self._too_few(replicas)
        if wrong:
            raise ValueError(wrong)
        return self

    def _wrong_share(self, share: CanaryShare) -> str | None:
        if isinstance(self.strategy, RolloutsStrategy):
            stated = share.weight is not None or share.header is not None
            return "Argo Rollouts decides the share: leave `canary.weight` and `canary.header` out" if stated else None
        if share.weight is None:
            return "`canary.weight` is missing: the share of the version on trial in percent"
        if isinstance(self.strategy, BlueGreenStrategy) and share.weight not in BLUE_GREEN_STOPS:
            return "with `blue-green`, `canary.weight` is 0 or 100: one track gets all requests"
        return None

    def _too_few(self, replicas: int | None) -> str | None:
        if not isinstance(self.strategy, BlueGreenStrategy) or replicas is None or replicas >= self.stable_replicas:
            return None
        least = self.stable_replicas
        return f"with `blue-green`, `canary.replicas` is {least} at least, as stable has: it gets all requests at once"
