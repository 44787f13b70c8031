"""Ray's command "ray start" without its server for clients elsewhere, which nobody here asks.

That one would listen on a port of its own, and Ray starts it by a shell that breaks where a folder's name has a blank.
"""

from __future__ import annotations

import sys
from typing import Any

from ray.scripts import scripts


def main() -> Any:
    """What Ray's own command does with what was said."""
    scripts.get_ray_client_dependency_error = lambda: "left out"
    return scripts.main()


if __name__ == "__main__":
    sys.exit(main())
