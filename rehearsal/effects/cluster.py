"""Finds the API server of a cluster for tests by its kubeconfig. Must not know what is asked of it."""

from __future__ import annotations

import base64
import ssl
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from aurora.errors import UsageError
from aurora.model.json_value import dig, mapping, text
from aurora.rehearsal.server import Server
from aurora.yamlio import reading


def server(kubeconfig: Path) -> Server:
    """Give the API server of the first cluster of a kubeconfig, for its first user.

    Raises:
        UsageError: the file is no kubeconfig with the authority, and a token or a client's certificate, inside of it.
    """
    try:
        config = reading.parse(kubeconfig.read_text(encoding="utf-8")).value
        address = urlsplit(text(dig(config, "clusters", 0, "cluster", "server"))).netloc
        authority = base64.b64decode(text(dig(config, "clusters", 0, "cluster", "certificate-authority-data")))
        user = mapping(dig(config, "users", 0, "user"))
        context = ssl.create_default_context(cadata=authority.decode())
        pair = [base64.b64decode(text(user.get(f"client-{part}-data"))) for part in ("certificate", "key")]
        if all(pair):
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"\n".join(pair))
                file.flush()
                context.load_cert_chain(file.name)
    except (OSError, ValueError, reading.YamlError) as error:
        raise UsageError(f"`{kubeconfig}` is no kubeconfig that can be used: {error}") from error
    return Server(address, context, text(user.get("token")))
