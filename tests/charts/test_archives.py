"""Archives that must not be opened are refused with what to do, and nothing is unpacked."""

from pathlib import Path

import pytest

from aurora.charts import archives
from aurora.charts.archives import Archives, UnusableArchiveError, prove
from aurora.errors import InputError, UsageError
from charts import packed
from charts.conftest import DEMO


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (packed.archive({**DEMO, "../outside.yaml": "a: 1"}), "leaves the chart"),
        (packed.archive({**DEMO, "/etc/outside.yaml": "a: 1"}), "leaves the chart"),
        (packed.linked(), "which is a link"),
        (packed.bomb(), "is no archive of a chart"),
        (packed.archive(DEMO)[:200], "is no archive of a chart"),
        (b"", "is no archive of a chart"),
        (b"no archive", "is no archive of a chart"),
    ],
)
def test_what_is_no_harmless_archive_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(UnusableArchiveError) as refused:
        prove("demo-1.0.0.tgz", content)
    assert words in refused.value.message and "aurora charts vendor" in refused.value.hint


def test_a_chart_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(UnusableArchiveError, match="more than 100 MiB") as refused:
        prove("demo-1.0.0.tgz", packed.archive({"big": "x" * (archives.MOST_BYTES + 1)}))
    assert "aurora charts vendor" in refused.value.hint


def test_a_harmless_archive_is_accepted() -> None:
    prove("demo-1.0.0.tgz", packed.archive(DEMO))


def test_an_archive_is_held_to_the_lock(folder: Path) -> None:
    assert Archives(folder).find("demo", "1.0.0")
    (folder / "demo-1.0.0.tgz").write_bytes(packed.archive({**DEMO, "values.yaml": "port: 81"}))
    with pytest.raises(UnusableArchiveError, match="is locked"):
        Archives(folder).find("demo", "1.0.0")
    (folder / "other-1.0.0.tgz").write_bytes(packed.archive(DEMO))
    with pytest.raises(UnusableArchiveError, match="is not in `charts.lock`"):
        Archives(folder).find("other", "1.0.0")


@pytest.mark.parametrize(("chart", "version"), [("demo", "1.0.1"), ("../demo", "1.0.0/.."), ("", ""), ("demo", "*")])
def test_a_chart_without_an_archive_has_none(chart: str, version: str, folder: Path) -> None:
    assert Archives(folder).find(chart, version) is None


def test_a_folder_from_elsewhere_needs_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo-1.0.0.tgz").write_bytes(packed.archive(DEMO))
    assert Archives(None).find("demo", "1.0.0") is None
    monkeypatch.setenv("AURORA_CHARTS", str(tmp_path))
    assert Archives(None).find("demo", "1.0.0")


@pytest.mark.parametrize("broken", ["charts: {a: 1}\n", "charts: [1]\n", "[]\n", "charts: [\n"])
def test_a_broken_lock_is_refused_also_where_no_archive_is(broken: str, tmp_path: Path) -> None:
    (tmp_path / "charts.lock").write_text(broken)
    with pytest.raises(InputError, match=r"charts\.lock. cannot be used"):
        Archives(tmp_path).check()


def test_a_variable_that_names_no_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Archives(tmp_path).check()
    monkeypatch.setenv("AURORA_CHARTS", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="which is no folder"):
        Archives(None).check()
