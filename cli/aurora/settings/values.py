"""What the settings of a repository say, as frozen values. Every field has the value that holds without a setting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aurora.model.place import Place
from aurora.settings.places import place

BASELINE = "aurora-baseline.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSettings:
    """What the repository decides about rules.

    `severity` holds `error`, `warning`, `note` or `off` by rule or check; `exclude` globs of files of which nothing
    is said; `ignore` rules and checks by glob; `baseline` the file of findings that are known.
    """

    severity: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    ignore: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    baseline: str = BASELINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a repository's settings say, and where they stand.

    `components` are the kinds of installed packages that may be used; `stages` the names of the stages in their
    order. `path` is the file as people write it, `text` what stands in it, `table` the keys that lead to Aurora's.
    """

    components: tuple[str, ...] = ()
    stages: tuple[str, ...] = ("dev", "staging", "prod")
    rules: RuleSettings = field(default_factory=RuleSettings)
    path: str | None = None
    text: str = ""
    table: tuple[str, ...] = ()

    def place(self, *steps: str) -> Place | None:
        """Give the place of a key, or of a value in a list, by the keys that lead to it."""
        return None if self.path is None else place(self.text, self.path, (*self.table, *steps))

    def shown(self, *steps: str) -> str:
        """Write the keys that lead to a setting as TOML writes a table's name."""
        return shown((*self.table, *steps))


def shown(steps: Sequence[str]) -> str:
    """Write keys as TOML does: with dots, and quoted where a key has other characters."""
    return ".".join(step if step.replace("-", "").replace("_", "").isalnum() else f'"{step}"' for step in steps)
