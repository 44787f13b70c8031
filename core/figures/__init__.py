"""Values become pictures here, on screen and in print; plotly and matplotlib are imported nowhere else."""
