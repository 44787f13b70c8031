"""Starts our application in the cluster whose first machine this is, and ends once its replicas answer."""

from __future__ import annotations

import ipaddress
import sys
import time
from typing import Any

import ray
from ray import serve
from ray.serve.config import HTTPOptions, ProxyLocation

from core.cluster.asking import APP
from core.cluster.replica import application
from core.cluster.starting import for_ray, options, replicas_in
from core.types import Refused

START = 60.0  # seconds until Ray answers


def connected(address: str) -> None:
    """Be a program of the cluster at an address. Refused: nobody answers there."""
    end = time.monotonic() + START
    while True:
        try:
            ray.init(address, namespace=APP, log_to_driver=False, logging_level="ERROR")
            return
        except (ConnectionError, RuntimeError, ValueError) as error:
            if time.monotonic() > end:
                raise Refused(f"Ray did not start within {START:.0f} seconds: {error}") from error
            time.sleep(0.2)


def main(given: list[str] | None = None) -> int:
    """What starting.py was told; 1 where it cannot be."""
    chosen = options().parse_args(given)
    try:
        connected(f"{for_ray(chosen.host)}:{chosen.ray_port}")
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    fewest, most = replicas_in(chosen.replicas)
    gpus = float(ray.cluster_resources().get("GPU", 0))
    share = chosen.gpus if chosen.gpus is not None else min(1.0, gpus / most)
    here = ipaddress.ip_address(chosen.host).is_loopback
    # On several machines each has a door of its own, so that the others serve when one is lost.
    door: dict[str, Any] = {"proxy_location": ProxyLocation.HeadOnly if here else ProxyLocation.EveryNode}
    serve.start(**door, http_options=HTTPOptions(host=chosen.host if here else "0.0.0.0", port=chosen.port))
    serve.run(application((fewest, most), share, chosen.waiting, chosen.answers), name=APP, route_prefix="/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
