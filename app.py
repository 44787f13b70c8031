"""The ASGI entry: Streamlit's pages, the routes that the browser components call, warm-up, health and metrics."""

import os

import streamlit as st
from starlette.middleware import Middleware

# What is open depends on who can visit; run.py says it, `streamlit run app.py` does not.
os.environ.setdefault("GAZE_HOST", st.get_option("server.address") or "0.0.0.0")
# Threads of torch that have nothing to do leave the processor to others: several questions are at work at once, and
# spinning ones take its time from each other. Read once, when torch loads.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from ui.server import logs
from ui.server.headers import WithHeaders, embedders
from ui.server.lesson_routes import LESSON_ROUTES
from ui.server.room_routes import ROOM_ROUTES
from ui.server.routes import ROUTES
from ui.server.warm_up import lifespan

logs.set_up()
app = st.App(
    "ui/shell.py",
    routes=[*ROUTES, *ROOM_ROUTES, *LESSON_ROUTES],
    middleware=[Middleware(WithHeaders, framed_by=embedders(os.environ.get("GAZE_EMBED_FROM", "")))],
    lifespan=lifespan,
    on_script_error=logs.our_fault,
)
