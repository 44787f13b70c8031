"""The inference layer: Request in, immutable value out; no Streamlit anywhere below this line."""
