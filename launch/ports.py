"""Where the app listens, and under which address it is found. Standard library only."""

from __future__ import annotations

import os
import socket

from launch import Stop

LOOPBACK = ("127.0.0.1", "localhost", "::1")
FIRST_PORT, LAST_PORT = 8501, 8599


def free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # a port in TIME_WAIT is free; on Windows the same option would share a used one
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            raise Stop(f"{host} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.", 2) from None
        except OSError:
            return False
    return True


def choose_port(host: str, wanted: int | None) -> int:
    if wanted is not None:
        if not 1 <= wanted <= 65535:
            raise Stop(f"Port {wanted}: choose one between 1 and 65535.", 2)
        if not free(host, wanted):
            raise Stop(f"Port {wanted} is taken. Leave --port out, and Gaze finds a free one.", 2)
        return wanted
    for port in range(FIRST_PORT, LAST_PORT + 1):
        if free(host, port):
            return port
    raise Stop(f"No port between {FIRST_PORT} and {LAST_PORT} is free on {host}. Give one: --port 9000", 2)


def address(host: str, port: int, base_path: str = "") -> str:
    """Where this machine's own browser finds the app."""
    host = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{port}/" + (base_path + "/" if base_path else "")


def room_address(host: str, port: int, base_path: str = "") -> str:
    """Where the others in the room find the app, or nothing."""
    if host not in ("0.0.0.0", "::"):
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))  # sends nothing: asks which of our addresses leads out
            return address(probe.getsockname()[0], port, base_path)
        except OSError:
            return ""


def healthy(host: str, port: int, base_path: str = "") -> bool:
    """Whether the app answers."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    path = (f"/{base_path}" if base_path else "") + "/_stcore/health"
    try:
        with socket.create_connection((target, port), timeout=2) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return b" 200 " in connection.recv(64).split(b"\r\n")[0]
    except OSError:
        return False
