"""The licences of all that is installed beside Gaze: python -m launch.licences. Standard library only.

Prints name, version and licence of each package, and ends with 1 where one says none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions

LONGEST = 60  # characters: some put the whole text of their licence there
CLASS = "License :: "


def licence_of(one: Distribution) -> str:
    """What a package says of its licence: by SPDX's names, else by its classifiers, else in its own words; or ''."""

    def says(field: str) -> list[str]:
        return one.metadata.get_all(field) or []

    if says("License-Expression"):
        return says("License-Expression")[0]
    classes = [line.rsplit(" :: ", 1)[-1] for line in says("Classifier") if line.startswith(CLASS)]
    named = [name for name in classes if name != "OSI Approved"]
    if named:
        return ", ".join(dict.fromkeys(named))
    lines = "".join(says("License")[:1]).strip().splitlines()
    return lines[0][:LONGEST] if lines and lines[0].strip().upper() != "UNKNOWN" else ""


def listed(packages: Iterable[Distribution]) -> list[tuple[str, str, str]]:
    """(name, version, licence) of each, by name."""
    found = {one.metadata["Name"].lower(): (one.metadata["Name"], one.version, licence_of(one)) for one in packages}
    return [found[name] for name in sorted(found)]


def main() -> int:
    rows = listed(distributions())
    width = max(len(name) + len(version) for name, version, _ in rows) + 1
    for name, version, licence in rows:
        sys.stdout.write(f"{name + ' ' + version:{width}}  {licence or 'SAYS NONE'}\n")
    return int(any(not licence for *_, licence in rows))


if __name__ == "__main__":
    sys.exit(main())
