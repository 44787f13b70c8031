"""Plotly as all charts use it."""

import pandas  # noqa: F401  plotly looks whether it is loaded, and stumbles while another thread is loading it
import plotly.graph_objects as go
from plotly.subplots import make_subplots

__all__ = ["go", "make_subplots"]
