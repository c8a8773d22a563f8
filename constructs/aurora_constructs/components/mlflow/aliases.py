"""The script that sets the aliases of registered models: it runs in a pod, not here."""

from aurora_constructs.scripts import Script

ALIASES = Script(
    file_name="aliases.py",
    volume="script",
    suffix="aliases",
    mount_path="/scripts",
    mode=0o444,
    text='''\
"""Sets aliases of registered models: aliases.py URL MODEL ALIAS VERSION [MODEL ALIAS VERSION...].

A version that is not registered yet leaves its alias as it is: an empty registry must be able to start.
"""

import json
import sys
import time
import urllib.error
import urllib.request

TRIES, PAUSE, TIMEOUT = 30, 5, 10
ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


def main(url, *aliases):
    for model, alias, version in zip(*[iter(aliases)] * 3, strict=True):
        done = ask(url, {"name": model, "alias": alias, "version": version})
        print(f"{model}@{alias}: " + (f"version {version}" if done else f"version {version} is not registered"))


def ask(url, body):
    for attempt in range(TRIES):
        request = urllib.request.Request(
            f"{url}/api/2.0/mlflow/registered-models/alias",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=TIMEOUT).close()
            return True
        except urllib.error.HTTPError as error:
            if error.code < 500:
                code = json.loads(error.read() or b"{}").get("error_code", "")
                if code in ABSENT:
                    return False
                fail(f"{body}: HTTP {error.code} {code}")
            reason = error
        except OSError as error:
            reason = error
        time.sleep(PAUSE)
    fail(f"no answer after {TRIES} attempts: {reason}")


def fail(reason):
    raise SystemExit(f"aliases of registered models: {reason}")


if __name__ == "__main__":
    main(*sys.argv[1:])
''',
)
