"""What a credential looks like in plain text. Must not know where texts come from.

Sources of the forms: the AWS guide on identifiers of IAM (access key ids), RFC 7519 (JSON Web Tokens), RFC 7468
(PEM), RFC 3986 section 3.2.1 (passwords in URLs), and the published prefixes of the services' tokens. Every
pattern begins with fixed text and has bounded parts, so that no text makes the search slow.
"""

import re

KNOWN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a private key", re.compile(r"-----BEGIN ([A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----")),
    ("an AWS access key id", re.compile(r"(?<![A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])")),
    ("a JSON Web Token", re.compile(r"(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,8000}\.[\w-]{10,2000}", re.ASCII)),
    ("a GitHub token", re.compile(r"(?<!\w)(gh[pousr]_\w{36}|github_pat_\w{60})", re.ASCII)),
    ("a GitLab token", re.compile(r"(?<!\w)glpat-[\w-]{20}", re.ASCII)),
    ("a Slack token", re.compile(r"(?<!\w)xox[abprs]-[\w-]{10}", re.ASCII)),
    ("a Google API key", re.compile(r"(?<!\w)AIza[\w-]{35}", re.ASCII)),
    ("a Hugging Face token", re.compile(r"(?<!\w)hf_[A-Za-z0-9]{30}")),
)
_BEGINNINGS = re.compile(r"PRIVATE KEY|AKIA|ASIA|eyJ|gh[pousr]_|github_pat_|glpat-|xox|AIza|hf_")
"""Every known form holds one of these: most texts are passed over after one search."""
URL_PASSWORD = re.compile(r"://[^\s/:@?#]{1,256}:([^\s/@]{1,256})@")
"""Anchored at `://`: a scheme in front of it would have to be searched from every letter."""

SENSITIVE = frozenset({"apikey", "credential", "credentials", "passphrase", "passwd", "password", "token"})
SENSITIVE_PAIRS = frozenset(
    {
        *((word, "key") for word in ("access", "account", "api", "auth", "encryption", "master", "private", "secret")),
        *((word, "key") for word in ("shared", "signing")),
        *((word, "secret") for word in ("app", "auth", "client", "consumer", "cookie", "flask", "hmac", "jwt")),
        *((word, "secret") for word in ("oauth", "session", "shared", "signing", "webhook")),
    }
)
"""A name that ends in `secret` alone is most often the name of a Secret."""
ENDINGS = ("password", "passwd")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLACEHOLDER = re.compile(r"\$\(|\$\{|\{\{|<[a-z]", re.IGNORECASE)
_PLAIN = re.compile(r"true|false|null|none|[0-9]{1,3}|/.*|\S+\.(pem|key|crt|json|ya?ml|txt)", re.IGNORECASE)
LONGEST_NAME = 256


def may_hold_credential(text: str) -> bool:
    """Tell quickly whether a text is worth a search for credentials of a known form."""
    return _BEGINNINGS.search(text) is not None


def known_credential(text: str) -> str | None:
    """Say what kind of credential a text holds; None if it holds none of a known form."""
    if may_hold_credential(text):
        for what, pattern in KNOWN:
            if pattern.search(text):
                return what
    return None


def has_url_password(text: str) -> bool:
    """Tell whether a text holds a URL with a user and a password that is written out."""
    return "://" in text and any(not _PLACEHOLDER.search(found[1]) for found in URL_PASSWORD.finditer(text))


def is_sensitive(name: str) -> bool:
    """Tell whether what is called by a name is a credential: its last word says so, as in `DB_PASSWORD`.

    `PASSWORD_FILE` and `MAX_TOKENS` are none.
    """
    words = [word.lower() for word in _WORDS.findall(name[-LONGEST_NAME:])]
    if not words:
        return False
    last = words[-1]
    return last in SENSITIVE or last.endswith(ENDINGS) or tuple(words[-2:]) in SENSITIVE_PAIRS or words == ["secret"]


def is_literal(value: str) -> bool:
    """Tell whether a value could be a credential itself: no reference to one, no switch, no path."""
    plain = value.strip()
    return bool(plain) and not _PLACEHOLDER.search(plain) and not _PLAIN.fullmatch(plain)
