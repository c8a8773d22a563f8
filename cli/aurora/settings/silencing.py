"""Applies a repository's settings to findings: other severities, and what is silenced, which stays counted.

In this order: a comment beside the line, rules that are ignored in a file, a severity of the rule or its check, and
the baseline. What waivers of environments cover is not touched. Reads the settings and the baseline, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from aurora.errors import InputError
from aurora.model.finding import Finding, Severity
from aurora.model.manifest import Manifest, Source
from aurora.model.place import Place
from aurora.model.report import Silenced
from aurora.settings import baseline, comments, globs, reading, rules
from aurora.settings.baseline import Baseline, Key
from aurora.settings.values import BASELINE, Settings

OFF = "off"


@dataclass(slots=True, kw_only=True)
class Silencing:
    """The settings of one run, and what they did in it."""

    root: Path
    folder: Path
    prefix: str = ""
    settings: Settings
    known: Baseline
    rules: Collection[str]
    fixed: Collection[str]
    environments: Collection[str] = ()
    read: set[str] = field(default_factory=set)
    excluded: list[Finding] = field(default_factory=list)
    bare: tuple[tuple[Source, str], ...] = ()
    comments: list[comments.Comment] = field(default_factory=list)
    met: list[Key] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)

    def path(self, path: str) -> str:
        """Give a file as the settings name it: relative to the root where it lies inside. Many findings ask for few."""
        if path not in self.paths:
            self.paths[path] = self._path(path)
        return self.paths[path]

    def _path(self, path: str) -> str:
        committed = any(path.startswith(f"generated/{name}/") for name in self.environments)
        full = ((self.root if committed else self.folder) / path).resolve()
        return full.relative_to(self.root).as_posix() if full.is_relative_to(self.root) else path

    def admits(self, path: str) -> bool:
        """Tell whether a foreign file is judged; one that is excluded is counted.

        The baseline is no manifest. What is committed of an environment is always judged.
        """
        shown = self.path(path)
        if shown == self.path(str(self.root / self.known.path)):
            return False
        if any(shown.startswith(f"generated/{name}/") for name in self.environments):
            return True
        self.read.add(shown)
        glob = next((glob for glob in self.settings.rules.exclude if globs.matches(glob, shown)), None)
        if glob is None:
            return True
        found = Finding(
            rule=rules.EXCLUDED.id, severity=rules.EXCLUDED.severity, message=f"`{glob}` excludes it", place=Place(path)
        )
        self.excluded.extend([found] if found not in self.excluded else [])
        return False

    def apply(
        self, findings: Iterable[Finding], manifests: Iterable[Manifest], ran: Collection[str], names: Collection[str]
    ) -> tuple[list[Finding], tuple[Silenced, ...]]:
        """Give the findings that are left, those about comments and the baseline included, and what was silenced.

        `ran` are the checks of the run, `names` its environments.
        """
        self.comments = comments.read(manifests, self.bare)
        kept: list[Finding] = []
        silenced = [Silenced(each, "settings", self._reason("exclude")) for each in self.excluded]
        left = dict(self.known.known)
        for finding in findings:
            judged = finding if finding.waived or finding.check in self.fixed else self._judged(finding, left)
            (kept if isinstance(judged, Finding) else silenced).append(judged)  # type: ignore[arg-type]
        kept += comments.problems(self.comments, self.rules, ran, self.fixed)
        kept += (_below(self.prefix, entry) for entry in self.known.stale(left, self.covered(ran, names)))
        return kept, tuple(silenced)

    def _judged(self, finding: Finding, left: dict[Key, int]) -> Finding | Silenced:
        path = self.path(finding.place.path) if finding.place else ""
        for comment in self.comments:
            if comment.holds_for(finding):
                comment.used = True
                return Silenced(finding, "comment", comment.reason)
        ignored = self._ignored(finding, path)
        if ignored:
            return Silenced(finding, "settings", ignored)
        levels = self.settings.rules.severity
        level = levels.get(finding.rule, levels.get(finding.check))
        if level == OFF:
            name = finding.rule if finding.rule in levels else finding.check
            return Silenced(finding, "settings", self._reason("severity", name))
        if level:
            finding = replace(finding, severity=Severity(level))
        return self._new(finding, baseline.key(finding, path), left)

    def _new(self, finding: Finding, key: Key, left: dict[Key, int]) -> Finding | Silenced:
        """Pass what the baseline does not know, or not as often."""
        if finding.severity is not Severity.NOTE:
            self.met.append(key)
        if not left.get(key):
            return finding
        left[key] -= 1
        return Silenced(finding, "baseline", f"{self.known.path}:{self.known.lines.get(key, 1)}")

    def _ignored(self, finding: Finding, path: str) -> str | None:
        settings = self.settings.rules
        for glob, names in settings.ignore.items():
            if {finding.rule, finding.check} & set(names) and globs.matches(glob, path):
                return self._reason("ignore", glob)
        return None

    def _reason(self, *steps: str) -> str:
        return f"{self.settings.place('rules', *steps)}: {self.settings.shown('rules', *steps)}"

    def covered(self, ran: Collection[str], names: Collection[str]) -> list[Key]:
        """Give the entries of the baseline that this run must meet again, if they are still true, or that none can."""
        return [
            key
            for key in self.known.known
            if self._is_vain(key[0])
            or (
                key[0].partition("/")[0] in ran
                and (key[1] in names if key[1] else key[5] in self.read or not (self.root / key[5]).exists())
            )
        ]

    def _is_vain(self, rule: str) -> bool:
        """Tell whether a baseline silences nothing of a rule: it is fixed, or does not exist."""
        return rule.partition("/")[0] in self.fixed or not (rule in self.rules or rule.startswith("policy/"))

    def again(self) -> Silencing:
        """Give the same settings for another report, with the baseline as it is now."""
        known = baseline.read(self.root, self.known.path)
        return replace(self, known=known, met=[])

    def write(self, ran: Collection[str], names: Collection[str]) -> int:
        """Write the baseline anew with what this run met."""
        return baseline.write(self.root, self.known, self.met, self.covered(ran, names))


def load(
    root: Path,
    folder: Path,
    *,
    rules: Callable[[], Sequence[str]],
    fixed: Collection[str],
    environments: Collection[str] = (),
    replacing: bool = False,
    others: Callable[[Settings], Iterable[Finding]] = lambda _: (),
    prefix: str = "",
) -> Silencing:
    """Read the settings and the baseline of a repository.

    `rules` gives the ids of all rules, `fixed` the first parts of those that no setting changes; `others` finds what
    else is wrong. With `replacing`, a broken baseline is as good as none. `prefix` leads to the settings' files.

    Raises:
        InputError: a setting is wrong, or names a rule, check or file that does not exist.
        StorageError: a file cannot be read.
    """
    findings: list[Finding] = []
    try:
        settings, findings = reading.collect(root)
        known = rules()
        findings += [*_problems(settings, root, known, fixed), *others(settings)]
        baseline_ = _known(root, settings.rules.baseline, replacing=replacing)
        reading.refuse(findings)
    except InputError as error:
        reading.refuse([_below(prefix, entry) for entry in (*findings, *error.findings)])
        raise
    return Silencing(
        root=root.resolve(),
        folder=folder,
        prefix=prefix,
        settings=settings,
        known=baseline_,
        rules=known,
        fixed=fixed,
        environments=environments,
    )


def _below(prefix: str, finding: Finding) -> Finding:
    at = finding.place
    return finding if at is None else replace(finding, place=replace(at, path=f"{prefix}{at.path}"))


def _known(root: Path, name: str, *, replacing: bool) -> Baseline:
    try:
        return baseline.read(root, name)
    except InputError:
        if replacing and (name == BASELINE or baseline.is_replaceable(root / name)):
            return Baseline(name, damaged=True)
        raise


def _problems(settings: Settings, root: Path, known: Sequence[str], fixed: Collection[str]) -> Iterable[Finding]:
    named: list[tuple[tuple[str, ...], str]] = [(("severity", name), name) for name in settings.rules.severity]
    named += [(("ignore", glob, name), name) for glob, names in settings.rules.ignore.items() for name in names]
    checks = {rule.partition("/")[0] for rule in known} - set(fixed)
    names = sorted({*checks, *(rule for rule in known if rule.partition("/")[0] in checks)})
    for steps, name in named:
        place = settings.place("rules", *steps)
        if name.partition("/")[0] in fixed and (name in known or name in fixed):
            message = f"the severity of `{name}` is fixed: without it nothing is proved"
            yield reading.invalid(place, message, "remove the setting")
        elif name not in names:
            yield reading.invalid(place, f"`{name}` is neither a rule nor a check", reading.near(name, names))
    for key, glob in [
        *(("exclude", glob) for glob in settings.rules.exclude),
        *(("ignore", glob) for glob in settings.rules.ignore),
    ]:
        if not globs.names_something(root, glob):
            message = f"`{glob}` names no file of this repository"
            yield reading.invalid(settings.place("rules", key, glob), message, "correct the pattern, or remove it")
