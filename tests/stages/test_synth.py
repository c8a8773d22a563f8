"""A construct that fails while it is built is an error that names its component, not a traceback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aurora.errors import BuildError
from aurora.pipeline import load_environments
from aurora.synth import synthesise
from reference.platform import reference


def test_a_construct_that_refuses_names_the_component() -> None:
    (environment,) = load_environments(reference(), ["aurora-prod"])
    without = replace(environment.platform, images={})  # as a construct meets it that is used without the loader
    with pytest.raises(
        BuildError, match=r"aurora\.yaml:[0-9]+:[0-9]+: component `operator` \(TrainingOperator\) cannot"
    ):
        synthesise(replace(environment, platform=without), only=frozenset({"operator"}))
