"""Until when releases are maintained. Sources and the day of the look-up: docs/facts/versions.md.

No clock is read: a day comes from the environment (`cluster.asOf`), or is the one on which this table was looked up.
"""

from collections.abc import Mapping

LOOKED_UP = "2026-11-21"
"""The day by which the table was complete: releases that ended later may be missing."""

ALL = "*"
"""Every release of a project."""

ENDS: Mapping[str, Mapping[str, str]] = {
    "argo-cd": {
        "2.13": "2025-08-13",
        "2.14": "2025-11-04",
        "3.0": "2026-02-02",
        "3.1": "2026-05-05",
        "3.2": "2026-08-04",
    },
    "argo-workflows": {"3.5": "2025-07-23", "3.6": "2026-02-04", "3.7": "2026-08-14"},
    "cert-manager": {"1.17": "2025-10-07", "1.18": "2026-03-10", "1.19": "2026-07-08"},
    "ingress-nginx": {ALL: "2026-03-31"},
    "karpenter": {
        "1.7": "2026-02-06",
        "1.8": "2026-01-15",
        "1.9": "2026-03-20",
        "1.10": "2026-04-06",
        "1.11": "2026-04-24",
        "1.12": "2026-06-10",
        "1.13": "2026-07-11",
    },
    "keda": {"2.16": "2025-10-08", "2.17": "2026-02-02", "2.18": "2026-06-01"},
    "kyverno": {"1.12": "2025-07-31", "1.13": "2025-11-10", "1.14": "2026-02-02", "1.15": "2026-04-29"},
}
"""The day on which maintenance of a minor version ended, by project."""

KUBERNETES: Mapping[str, Mapping[str, str]] = {
    "bare-metal": {
        "1.31": "2025-11-11",
        "1.32": "2026-02-28",
        "1.33": "2026-06-28",
        "1.34": "2026-10-27",
        "1.35": "2027-02-28",
        "1.36": "2027-06-28",
    },
    "eks": {
        "1.31": "2025-11-26",
        "1.32": "2026-03-23",
        "1.33": "2026-07-29",
        "1.34": "2026-12-02",
        "1.35": "2027-03-27",
        "1.36": "2027-08-02",
    },
    "aks": {
        "1.31": "2025-11-01",
        "1.32": "2026-03-31",
        "1.33": "2026-07-31",
        "1.34": "2026-11-30",
        "1.35": "2027-03-31",
        "1.36": "2027-06-30",
    },
}
"""The end of a minor version of Kubernetes where the project, or a cloud in its standard support, maintains it."""


def ended(project: str, version: str) -> str | None:
    """Give the day on which maintenance of a version ended; None where no end is known."""
    releases = ENDS.get(project, {})
    return releases.get(".".join(version.removeprefix("v").split(".")[:2]), releases.get(ALL))
