"""The ASGI entry: Streamlit's pages, the routes that the browser components call, warm-up, health and metrics."""

import streamlit as st

from ui.parts import our_fault
from ui.routes import ROUTES, lifespan

app = st.App("ui/shell.py", routes=ROUTES, lifespan=lifespan, on_script_error=our_fault)
