"""What scripts need that ask the API server, with Python alone: the beginning of their texts."""

CLIENT = '''\
import json
import os
import pathlib
import ssl
import urllib.error
import urllib.request

ACCOUNT = pathlib.Path("/var/run/secrets/kubernetes.io/serviceaccount")
SECONDS = 30


class Api:
    """The API server, asked as the pod's own account; the token is read anew for each request, since it expires."""

    def __init__(self, server, account=ACCOUNT):
        self.server, self.account = server, account
        secure = server.startswith("https:")
        self.context = ssl.create_default_context(cafile=str(account / "ca.crt")) if secure else None

    def ask(self, method, path, body=None, kind="application/json"):
        """Give the answer as JSON; None where the object is not there."""
        token = (self.account / "token").read_text()
        headers = {"Authorization": "Bearer " + token, "Accept": "application/json", "Content-Type": kind}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS, context=self.context) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            reason = error.read().decode(errors="replace")[:400]
            raise SystemExit(f"{method} {path}: {error.code} {reason}") from error
        except OSError as error:
            raise SystemExit(f"{method} {path}: {error}") from error


def in_cluster():
    """Give the API server of the cluster that the pod runs in."""
    return Api("https://" + os.environ["KUBERNETES_SERVICE_HOST"] + ":" + os.environ["KUBERNETES_SERVICE_PORT"])
'''
"""Imports, a client and where it finds the API server."""
