"""Reading YAML as plain values, with libyaml where PyYAML brings it: eight times faster, which the first window feels."""

from __future__ import annotations

from typing import Any


def read_yaml(text: str) -> Any:
    """Return what a YAML text says.

    Args:
        text: The whole file.

    Raises:
        yaml.YAMLError: Where it is no YAML, or asks for anything but plain values.
    """
    import yaml  # noqa: PLC0415 - most of what imports this reads no YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders
