"""An environment as the pipeline sees it: validated, references resolved, every component with its place."""

from dataclasses import dataclass, field
from pathlib import Path

from aurora.environment.spec import EnvironmentSpec, Waiver
from aurora.environment.tree import Node
from aurora.model.place import Place
from aurora_constructs.catalogue import ComponentKind
from aurora_constructs.platform import Platform
from aurora_constructs.spec import ComponentSpec


@dataclass(frozen=True, slots=True)
class LoadedComponent:
    """One component: its kind, its validated specification, and the place of its name."""

    name: str
    kind: ComponentKind
    spec: ComponentSpec
    place: Place


@dataclass(frozen=True, slots=True)
class LoadedWaiver:
    """A waiver and the place of its entry."""

    waiver: Waiver
    place: Place


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment, ready to be synthesised.

    `tree` has every value with its place, `root` is the repository, where folders of components and archives lie.
    """

    name: str
    path: str
    spec: EnvironmentSpec
    platform: Platform
    components: tuple[LoadedComponent, ...]
    waivers: tuple[LoadedWaiver, ...]
    tree: Node | None = field(default=None, repr=False, compare=False)
    root: Path = field(default=Path(), compare=False)
