"""How long PCA and UMAP take over the points of an embedding space, and whether the map can be trusted."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.report import Row
from core.measures.map_scores import trustworthiness
from core.measures.projection import pca, umap, units, warm_up


def measure() -> list[Row]:
    """UMAP of an embedding space, seeded, compiled before."""
    warm_up()
    rows = []
    for count, bar in ((500, 1.0), (10_000, 20.0)):
        random = np.random.default_rng(0)
        centres = 2 * random.normal(size=(20, 384))
        points = units(centres[random.integers(20, size=count)] + random.normal(size=(count, 384)))
        start = time.perf_counter()
        flat = pca(points)
        halfway = time.perf_counter()
        places = umap(points, start=flat)
        seconds = time.perf_counter() - halfway
        same = count > 500 or np.array_equal(places, umap(points, start=flat))
        trusted = trustworthiness(points, places)
        rows.append(Row(f"{count:,} x 384: PCA", "s", halfway - start))
        note = f"trustworthiness {trusted:.3f}" + ("; the seed gives the same places again" if count == 500 else "")
        rows.append(Row(f"{count:,} x 384: UMAP", "s", seconds, bar, right=same and trusted > 0.95, note=note))
    return rows
