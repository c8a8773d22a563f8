"""Values that a specification does not allow.

A case is a text that follows `HEAD` (lines 1 to 6) and the one finding: `line:column rule: message => hint`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from environment.toys import HEAD, SERVING, STORE, repository, shown

CASES: dict[str, tuple[str, str]] = {
    "kind that is no string": (
        STORE.replace("Store", "[Store]"),
        "8:11 invalid-value: `components.store.kind` is a list, must be the name of a component kind",
    ),
    "text for a number": (
        SERVING + "    replicas: three\n",
        (
            '16:15 invalid-value: `components.inference.replicas` is `"three"`, must be an integer or be `auto`'
            " => meaning of `replicas`: number of pods"
        ),
    ),
    "number in quotes": (
        SERVING + '      weight: "10"\n',
        '16:15 invalid-value: `components.inference.stable.weight` is `"10"`, must be an integer => remove the quotes',
    ),
    "number for text": (
        SERVING.replace("version: v1", "version: 1.5"),
        '15:16 invalid-value: `components.inference.stable.version` is `1.5`, must be a string => quote it: `"1.5"`',
    ),
    "value of a key that looks like a mark of pydantic's": (
        SERVING + '    labels: {"[key]": 3}\n',
        '16:23 invalid-value: `/components/inference/labels/[key]` is `3`, must be a string => quote it: `"3"`',
    ),
    "boolean for text": (
        SERVING + "    labels:\n      team: true\n",
        '17:13 invalid-value: `components.inference.labels.team` is `true`, must be a string => quote it: `"true"`',
    ),
    "number for a boolean": (
        SERVING + "    debug: 1\n",
        (
            "16:12 invalid-value: `components.inference.debug` is `1`, must be `true` or `false`"
            " => meaning of `debug`: whether it says more"
        ),
    ),
    "fraction for an integer": (
        SERVING + "    probe: {seconds: 2.5}\n",
        (
            "16:22 invalid-value: `components.inference.probe.seconds` is `2.5`, must be an integer => meaning of"
            " `seconds`: how it is asked"
        ),
    ),
    "too large a number": (
        SERVING + "      weight: 101\n",
        (
            "16:15 invalid-value: `components.inference.stable.weight` is `101`, must be at most 100"
            " => meaning of `weight`: its share of requests"
        ),
    ),
    "mapping for a scalar": (
        SERVING + "    ratio: {name: a}\n",
        (
            "16:5 invalid-value: `components.inference.ratio` is a mapping, must be a number"
            " => meaning of `ratio`: a number"
        ),
    ),
    "list for a mapping": (
        SERVING + "    probe: [{path: /}]\n",
        (
            "16:5 invalid-value: `components.inference.probe` is a list, must be a mapping"
            " => meaning of `probe`: how it is asked"
        ),
    ),
    "mapping for a list": (
        SERVING + "    sources: {folder: a}\n",
        (
            "16:5 invalid-value: `components.inference.sources` is a mapping, must be a list"
            " => meaning of `sources`: where models come from"
        ),
    ),
    "scalar for a mapping": (
        SERVING + "    probe: /healthz\n",
        (
            '16:12 invalid-value: `components.inference.probe` is `"/healthz"`, must be a mapping'
            " => meaning of `probe`: how it is asked"
        ),
    ),
    "quantity that is none": (
        STORE.replace("10Gi", "10 GB"),
        (
            '8:30 invalid-value: `components.store.size` is `"10 GB"`, must be a quantity, such as `500m` or `2Gi`'
            " => meaning of `size`: how much fits in"
        ),
    ),
    "union with a wrong discriminator": (
        SERVING + "    route: {type: ingres, host: a.example.com}\n",
        (
            '16:19 invalid-value: `components.inference.route.type` is `"ingres"`, must be one of `gateway`, `ingress`'
            " => did you mean `ingress`?"
        ),
    ),
    "error inside the chosen member of a union": (
        SERVING + "    route: {type: ingress, host: a, className: x}\n",
        (
            '16:34 invalid-value: `components.inference.route.host` is `"a"`, must be a host name in lower case,'
            " such as `ml.example.com` => meaning of `host`: the host of the Ingress"
        ),
    ),
    "member of a union without a discriminator": (
        SERVING + "    sources: [{bucket: 3}]\n",
        '16:24 invalid-value: `components.inference.sources.0.bucket` is `3`, must be a string => quote it: `"3"`',
    ),
    "rule of a specification's own": (
        SERVING + "    canary: {version: v1}\n",
        "9:3 invalid-value: `components.inference`: stable and canary are the same version",
    ),
    "waiver until a day that does not exist": (
        STORE + 'waivers:\n  - {rule: a/b, kind: Pod, name: x, reason: old, expires: "2026-02-30"}\n',
        (
            '10:59 invalid-value: `waivers.0.expires` is `"2026-02-30"`, must be a date, such as `2026-12-31`'
            " => meaning of `expires`: the last day on which the waiver holds"
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_named_at_its_place(name: str, tmp_path: Path) -> None:
    text, expected = CASES[name]
    assert shown(repository(tmp_path, {"prod.yaml": HEAD + text})) == [expected]


@pytest.mark.parametrize("version", ["1.24", "1.99"])
def test_a_version_of_kubernetes_that_no_check_knows_is_an_error_beside_the_others(
    version: str, tmp_path: Path
) -> None:
    text = HEAD.replace('"1.35"', f'"{version}"') + STORE.replace("10Gi", "3")
    said = shown(repository(tmp_path, {"prod.yaml": text}))
    message = f"`cluster.kubernetes`: there are no schemas of Kubernetes {version} => there are those of 1.25 to 1.37"
    assert said[0] == f"4:45 invalid-value: {message}"
    assert len(said) == 2
