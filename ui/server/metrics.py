"""Numbers for who runs a server, in Prometheus' form: how long answers take, what waits, what memory holds.

Models of the shelf go by their names, all others as "other": a folder's name may be somebody's own.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from core.cache import ANSWERS
from core.cluster.joining import joined
from core.engine import OBSERVERS, Answered
from core.store.opening import open_models
from core.store.shelf import SHELF
from ui.server.warm_up import READY, WARM

FORM = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()
SECONDS = Histogram(
    "gaze_answer_seconds",
    "From the first moment of work to the answer, waiting in line not counted",
    ("kind", "model", "outcome"),
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
    registry=REGISTRY,
)


class Now:
    """What is so at the moment that somebody looks."""

    def collect(self) -> Iterator[Any]:
        counters = {
            "gaze_requests": ("Questions asked, kept answers included", ANSWERS.asked),
            "gaze_cache_hits": ("Questions whose answer was kept", ANSWERS.hits),
        }
        count, size = open_models()
        gauges = {
            "gaze_cache_bytes": ("Bytes of answers that are kept", ANSWERS.bytes),
            "gaze_cache_entries": ("Answers that are kept, and what is made of them", ANSWERS.count),
            "gaze_queue_waiting": ("Questions that wait for room", ANSWERS.admission.waiting_now),
            "gaze_queue_running": ("Questions at work", ANSWERS.admission.running_now),
            "gaze_models_open": ("Models in memory", count),
            "gaze_models_bytes": ("Bytes of their weights", size),
            "gaze_threads": ("Threads of the server", threading.active_count()),
            "gaze_warm": ("Whether all that is made ready at the start is", int(WARM.is_set())),
            "gaze_ready": ("Whether a model has answered", int(READY.is_set())),
        }
        for name, (what, value) in counters.items():
            yield CounterMetricFamily(name, what, value=value)
        for name, (what, value) in gauges.items():
            yield GaugeMetricFamily(name, what, value=value)
        yield card_memory()
        yield from of_cluster()


def card_memory() -> GaugeMetricFamily:
    """Bytes that torch holds of each GPU, used and kept for later; no samples where there is none, or none was used."""
    found = GaugeMetricFamily("gaze_gpu_bytes", "Memory of a GPU that is held", labels=("gpu", "state"))
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        for number in range(torch.cuda.device_count()):
            found.add_metric((str(number), "used"), torch.cuda.memory_allocated(number))
            found.add_metric((str(number), "reserved"), torch.cuda.memory_reserved(number))
    return found


def of_cluster() -> Iterator[Any]:
    """Whether the cluster answers, and what became of questions that were put to it; nothing where none is asked."""
    cluster = joined()
    if cluster is None:
        return
    yield GaugeMetricFamily("gaze_cluster_up", "Whether the cluster answers", value=int(cluster.up))
    told = CounterMetricFamily(
        "gaze_cluster_questions", "Questions put to the cluster; again: asked once more", labels=("outcome",)
    )
    for outcome, count in sorted(cluster.told.items()):
        told.add_metric((outcome,), count)
    yield told


def observe(told: Answered) -> None:
    """Count one answer."""
    named = [name if name in SHELF else "other" for name in told.models]
    SECONDS.labels(told.kind, "+".join(dict.fromkeys(named)), told.outcome).observe(told.seconds)


REGISTRY.register(Now())
OBSERVERS.append(observe)


def written() -> bytes:
    """All numbers as text."""
    return generate_latest(REGISTRY)
