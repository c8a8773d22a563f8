"""The trial splits requests as the pinned controller would, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from round_robin import divided

from demo import asking, committed, edge
from demo.edge import Track
from demo.running import FailedError, Processes, free_ports

ROOT = Path(__file__).resolve().parents[1]
PINNED = "haproxy-ingress"


def tracks(*pairs: tuple[int, int]) -> list[Track]:
    return [Track(f"s{at}", weight, [("10.0.0.1", 8080)] * pods) for at, (weight, pods) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        # What `RebalanceWeight` of the controller's v0.15.0 gives for the same Services, from 128 on.
        ([(90, 3), (10, 1)], [256, 85]),
        ([(90, 1), (10, 1)], [256, 28]),
        ([(50, 2), (50, 1)], [128, 256]),
        ([(100, 3), (0, 1)], [128, 0]),
        ([(5, 4), (1000, 1)], [1, 256]),
        ([(0, 2), (0, 1)], [0, 0]),
    ],
)
def test_servers_weigh_as_the_controller_makes_them(pairs: list[tuple[int, int]], expected: list[int]) -> None:
    assert edge.weights(tracks(*pairs)) == expected


def needed() -> Path:
    found = edge.program()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs it: {edge.MISSING}")
        pytest.skip(edge.MISSING)
    return found


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        # 90 and 10 as the controller states them: never 900 and 100, but each time the same.
        ([(90, 3), (10, 1)], [301, 300, 300, 99]),
        ([(90, 1), (10, 1)], [902, 98]),
        ([(50, 2), (50, 1)], [250, 250, 500]),
        ([(100, 1), (0, 1)], [1000, 0]),
        ([(90, 0), (10, 1)], [1000]),
    ],
)
def test_haproxy_divides_a_thousand_requests_as_its_algorithm_says(
    pairs: list[tuple[int, int]], expected: list[int], tmp_path: Path
) -> None:
    haproxy = needed()
    port, *ports = free_ports(1 + sum(pods for _, pods in pairs))
    left = iter(ports)
    each = tuple(
        Track(f"s{at}", weight, [("127.0.0.1", next(left)) for _ in range(pods)])
        for at, (weight, pods) in enumerate(pairs)
    )
    rule = edge.Rule("tried", "wine.example.com", "/predict", each)
    # HAProxy itself answers in the place of the pods.
    pods = "".join(
        f"frontend pod{at}\n    mode http\n    bind 127.0.0.1:{at}\n    http-request return status 200 "
        f'content-type application/json string \'{{"model_version": "{at}"}}\'\n'
        for at in ports
    )
    written = tmp_path / "haproxy.cfg"
    written.write_text(edge.configuration(rule, port, tmp_path / "socket") + pods)
    with Processes(tmp_path) as running:
        running.start("haproxy", (str(haproxy), "-f", str(written), "-db"))
        running.ready("haproxy", lambda: asking.accepts(port), 20)
        counted = asking.predictions(port, rule.host, rule.prefix, ({} for _ in range(1000)))
    assert [counted[str(at)] for at in ports] == expected
    assert expected == divided([weight for _, weight in edge.servers(rule)], 1000)


def test_with_weights_that_are_taken_as_they_are_a_thousand_requests_are_divided_exactly() -> None:
    assert divided([90, 10], 1000) == [900, 100]
    assert divided([30, 30, 30, 10], 1000) == [300, 300, 300, 100]


def test_a_track_without_pods_has_no_server_and_the_other_one_gets_all() -> None:
    rule = edge.Rule("b", "host", "/", tuple(tracks((90, 0), (10, 1))))
    assert [address for address, _ in edge.servers(rule)] == [("10.0.0.1", 8080)]
    assert edge.servers(rule)[0][1] > 0


def test_the_configuration_has_each_pod_with_the_weight_of_its_track(tmp_path: Path) -> None:
    found = committed.read()
    stable, canary = found.tracks
    assert (stable.track, canary.track) == ("stable", "canary")
    addresses = {
        served.service: [(f"10.0.{at}.{pod}", 8080) for pod in range(served.replicas)]
        for at, served in enumerate(found.tracks)
    }
    text = edge.configuration(edge.rule(found.route, addresses), 18080, tmp_path / "socket")
    servers = re.findall(r"server (srv\d+) (\S+) weight (\d+)\n", text)
    assert [(at, weight) for _, at, weight in servers] == [
        ("10.0.0.0:8080", "256"),
        ("10.0.0.1:8080", "256"),
        ("10.0.0.2:8080", "256"),
        ("10.0.1.0:8080", "85"),
    ]
    assert text.count("disabled") == edge.FREE_SLOTS
    assert "backend aurora_aurora-inference__rule0\n    mode http\n    balance roundrobin\n" in text
    assert found.route["spec"]["hostnames"][0] in text


def test_the_pinned_controller_is_the_one_that_the_configuration_follows() -> None:
    (path,) = committed.GENERATED.joinpath(committed.ENVIRONMENT, "platform").rglob(f"*{PINNED}.yaml")
    (source,) = yaml.safe_load(path.read_text())["spec"]["sources"]
    assert (source["chart"], source["targetRevision"]) == (PINNED, "0.15.0")
    assert "HAProxy Ingress 0.15 " in (edge.__doc__ or "")


def test_a_process_that_fails_is_told_with_its_log_and_none_is_left(tmp_path: Path) -> None:
    with Processes(tmp_path) as running:
        running.python("good", "-c", "import time; time.sleep(60)")
        long = running.python("stubborn", "-c", "import time; time.sleep(60)")
        running.python("bad", "-c", "raise SystemExit('no model')")
        with pytest.raises(FailedError, match=r"bad ended with code 1(.|\n)*no model"):
            running.done("bad", seconds=20)
        with pytest.raises(FailedError, match="good is not ready"):
            running.ready("good", lambda: False, 0.1)
    assert long.poll() is not None


def demo(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "demo", *arguments),
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def left_of(folder: Path) -> list[str]:
    """Give the processes whose command or variables name a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = entry.joinpath("cmdline").read_bytes() + entry.joinpath("environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in told and entry.name != str(os.getpid()):
            found.append(entry.name)
    return found


def test_the_whole_trial_splits_as_the_weights_say(tmp_path: Path) -> None:
    needed()
    done = demo(TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^  (stable|canary) +(\d+) +(\d+) +(\d+) +(\d+) +[\d.]+%$", done.stdout, re.M)
    counts = {track: int(requests) for track, *_, requests in rows}
    *stable, canary = divided([256, 256, 256, 85], 1000)
    assert counts == {"stable": sum(stable), "canary": canary} == {"stable": 901, "canary": 99}
    told = re.findall(r"^  (stable|canary) +v\S+ +(\d+) +(\d+) +[\d.]+ ms$", done.stdout, re.M)
    assert {track: (int(requests), int(errors)) for track, requests, errors in told} == {
        track: (count, 0) for track, count in counts.items()
    }
    assert list(tmp_path.iterdir()) == []
    assert left_of(tmp_path) == []


def test_without_haproxy_it_says_how_to_install_it(tmp_path: Path) -> None:
    program = "import sys; from demo import edge, __main__; edge.program = lambda: None; sys.exit(__main__.main([]))"
    done = subprocess.run((sys.executable, "-c", program), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "apt-get install haproxy" in done.stderr
    assert "AURORA_HAPROXY" in done.stderr
