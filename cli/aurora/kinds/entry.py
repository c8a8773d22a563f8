"""The values of the table: what is known of one kind. Data only."""

from dataclasses import dataclass
from enum import StrEnum

from aurora.kinds.paths import Path

CLUSTER, NAMESPACED = "Cluster", "Namespaced"


class Form(StrEnum):
    """How a pod is written at a path."""

    TEMPLATE = "template"
    """`metadata` and `spec`, as in a Deployment."""
    SPEC = "spec"
    """A pod's spec by itself."""
    COMPONENT = "component"
    """KServe's pod spec, whose main container stands beside its fields, under the name of a framework."""
    CONTAINER = "container"
    """One container that a controller adds to its pods."""
    WORKFLOW = "workflow"
    """The spec of an Argo Workflow, whose templates become pods."""


class NameForm(StrEnum):
    """Which names the API server takes for objects of a kind."""

    SUBDOMAIN = "subdomain"
    LABEL = "label"
    LABEL_FROM_LETTER = "label from a letter"
    PATH_SEGMENT = "path segment"
    DEFINITION = "definition"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodPlace:
    """One path to pods; `partial` says what a controller adds, so that a missing setting proves nothing.

    `labels` are those that the controller gives the pods, over their own; `$name` stands for the object's name.
    """

    at: Path
    form: Form = Form.TEMPLATE
    partial: str = ""
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A field with a number, and what holds where it is missing; None is no bound."""

    at: Path
    default: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals:
    """A field and the values that it may have."""

    at: Path
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many pods there are: the product of fields, each 1 where it is missing, and the first one `default`.

    `of` names the pods that are counted, by their path; without it they are all. `at_most` is a field that bounds
    the product, `least` and `most` stand in for the first field where a controller scales, `always` is a number
    that no field changes, `when` the fields that must have one of some values. `scale` says that autoscalers can
    write the first field.
    """

    at: tuple[Path, ...] = ()
    default: int = 1
    of: Path | None = None
    at_most: Path | None = None
    least: Bound | None = None
    most: Bound | None = None
    always: int | None = None
    when: tuple[Equals, ...] = ()
    scale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaler:
    """What an autoscaler scales, and between which bounds; without them it does not write replicas."""

    target: Path
    least: Bound | None = None
    most: Bound | None = None


class Selected(StrEnum):
    """Whose labels a selector asks for."""

    OWN = "own pods"
    PODS = "pods"
    OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A field with labels; `plain` ones are a map, others a LabelSelector. `when` is a field that must be true."""

    at: Path
    of: Selected = Selected.PODS
    plain: bool = False
    when: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A field that names an object: a text, or a mapping with a `name`; only a mapping, where `name` says its key.

    `to` is the group and kind that are meant where nothing else is said; `says` lists the fields beside the name
    that say kind, group, API version, namespace, whether the object may be missing, or whether the kind is the one
    for whole clusters, whose name begins with `Cluster`. `after` begins a text that names an object behind it, up to
    the next slash; other texts name none.
    """

    at: Path
    to: tuple[str, str] | None = None
    name: str = ""
    after: str = ""
    says: tuple[str, ...] = ()
    verb: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedName:
    """A name that a controller makes of an object's, once for each part of the object that a path leads to.

    It has `adds` characters beside the object's name, the part's `named` field, or its key in a map (`keyed`), and
    the last index of each of the `counts`. `when` are fields of the part, which any value satisfies where none is
    listed and which are missing where one is empty; `without` is one of the object, which must be missing.
    """

    at: Path
    adds: int
    because: str
    named: Path | None = None
    keyed: bool = False
    counts: tuple[Path, ...] = ()
    when: tuple[Equals, ...] = ()
    without: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An object that a controller makes of an object, once for each part of it that a path leads to.

    It is of the group and kind `kind`, and is called like the object, a hyphen and the part's `named` field where it
    has one, and the `suffix`.
    """

    at: Path
    kind: tuple[str, str]
    suffix: str
    named: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Fields of another object that the controller of an object writes: that of kind `to` which a field names."""

    at: Path
    to: tuple[str, str]
    fields: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Which names objects of a kind may have, beside what is true for all, and which are made of them."""

    form: NameForm = NameForm.SUBDOMAIN
    longest: int | None = None
    because: str = ""
    derived: tuple[DerivedName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One entry of the table.

    `filled` are fields that its definition demands and its webhook fills in: the API server judges the result.
    """

    group: str = ""
    name: str = ""
    scope: str
    wave: int = 0
    pods: tuple[PodPlace, ...] = ()
    replicas: tuple[Count, ...] = ()
    scaler: Scaler | None = None
    selectors: tuple[Selector, ...] = ()
    references: tuple[Reference, ...] = ()
    names: Names | None = None
    makes: tuple[Made, ...] = ()
    filled: tuple[Path, ...] = ()
    writes: tuple[Written, ...] = ()

    @property
    def namespaced(self) -> bool:
        """Whether its objects lie in a namespace."""
        return self.scope == NAMESPACED


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The kinds of an API group; `builtin` ones are served by every cluster, without a CustomResourceDefinition.

    `pod_labels` are prefixes of the labels that its controllers give to pods which they create.
    """

    builtin: bool = False
    pod_labels: tuple[str, ...] = ()
    kinds: dict[str, Kind]
