"""The Streamlit side: frame, state, parts that pages share, browser components, routes."""
