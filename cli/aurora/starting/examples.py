"""Takes what is only an example out of the text of an environment or a layer.

An account, a client, an address of a database or a digest that somebody really has cannot be told from an invented one,
so none is taken over: in its place stands what can exist nowhere, and the line is marked. `environment/placeholder`
refuses what is left of it as soon as an environment serves production.
"""

import re

from aurora.starting.answers import NOBODY, Answers

MARK = "# replace"
ACCOUNT = "0" * 12
GUID = "00000000-0000-0000-0000-000000000000"
DIGEST = f"sha256:{'0' * 64}"
_INVENTED = (
    (re.compile(r"(?<![0-9a-z])[0-9]{12}(?![0-9a-z])"), ACCOUNT),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), GUID),
    (re.compile(r"(?<=/id/)[0-9A-F]{32}\b"), "0" * 32),
    (re.compile(r"\b(fs|fsap|vpc|subnet|sg|ami)-[0-9a-f]{17}\b"), rf"\1-{'0' * 17}"),
    (re.compile(r"sha256:[0-9a-f]{64}"), DIGEST),
    (re.compile(r"\b[a-z0-9-]+\.[a-z0-9]{12}\.[a-z0-9-]+\.rds\.amazonaws\.com\b"), f"postgresql.{NOBODY}"),
    (re.compile(r"\b[a-z0-9-]+\.postgres\.database\.azure\.com\b"), f"postgresql.{NOBODY}"),
)
_DOMAIN = re.compile(r"\b(dev\.|staging\.)?([a-z]+\.)?ml\.example\.com\b")
_HOST = re.compile(r"(?<![\w.-])((?:[a-z0-9-]+\.)*)example\.com\b")
_DOCUMENTATION = re.compile(r"\b(192\.0\.2|198\.51\.100|203\.0\.113)\.[0-9]+")
"""Networks for documentation: RFC 5737."""
_TAG = re.compile(r"^( +revision: )v[0-9.]+$", re.MULTILINE)
_UNKNOWN = re.compile(rf"\.{NOBODY}\b|@{NOBODY}\b|\b0{{12}}\b|{DIGEST}|/id/0{{32}}|-0{{17}}\b")


def own(text: str, answers: Answers) -> str:
    """Give a layer's text with the answers and placeholders in the place of its examples; such lines are marked."""
    text = text.replace("https://git.example.com/ml/aurora.git", answers.repository)
    text = text.replace("registry.example.com", answers.registry)
    text = text.replace("aurora.example.com/", f"{answers.domain}/")
    text = _DOMAIN.sub(lambda host: f"{host[1] or ''}{answers.domain}", text)
    text = text.replace("@example.com", f"@mail.{NOBODY}")
    text = _HOST.sub(lambda host: f"{host[1] or 'host.'}{NOBODY}", text)
    for pattern, instead in _INVENTED:
        text = pattern.sub(instead, text)
    return marked(text)


def marked(text: str) -> str:
    """Mark every line with something that can exist nowhere."""
    return "\n".join(_marked(line) for line in text.split("\n"))


def environment(text: str, answers: Answers, old: str, new: str) -> str:
    """Give an environment's text under its new name; its cluster is nobody's yet, and it serves nobody yet."""
    # The layer of a stage keeps its name.
    text = re.sub(rf"(?<!stage-){re.escape(old)}", lambda _: new, own(text, answers))
    text = text.replace("production: true", "production: false  # true once nothing is left to replace")
    text = _TAG.sub(rf"\1v0.1.0  {MARK}", text)
    # Versions of a new repository begin below 1, and the way to 1.0.0 needs nothing by hand.
    text = text.replace("  releases: v1.*\n", '  releases: "*"\n')
    lines = text.split("\n")
    start = lines.index("cluster:") + 1
    end = next(number for number in range(start, len(lines)) if not lines[number].startswith(" "))
    lines[start:end] = [_stated(line) for line in lines[start:end]]
    lines.insert(
        lines.index("cluster:"), f"# Facts of the cluster. Every line that ends with `{MARK}` waits for yours."
    )
    return "\n".join(lines)


def _stated(line: str) -> str:
    """Mark a line of the cluster's facts that has a value."""
    bare = line.strip()
    known = bare.startswith(("#", "domain:")) or bare.endswith((":", MARK))
    return line if known else f"{line}  {MARK}"


def _marked(line: str) -> str:
    unknown = _UNKNOWN.search(line) or _DOCUMENTATION.search(line)
    said = line.lstrip().startswith("#") or line.endswith(MARK)
    return f"{line}  {MARK}" if unknown and not said else line
