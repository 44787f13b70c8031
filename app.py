"""The ASGI entry: Streamlit's pages, the routes that the browser components call, warm-up, health and metrics."""

import os

import streamlit as st

from ui.server.routes import ROUTES
from ui.server.warm_up import lifespan
from ui.widgets import our_fault

# Whether visitors may name any folder depends on who can visit; run.py says it, `streamlit run app.py` does not.
os.environ.setdefault("GAZE_HOST", st.get_option("server.address") or "0.0.0.0")

app = st.App("ui/shell.py", routes=ROUTES, lifespan=lifespan, on_script_error=our_fault)
