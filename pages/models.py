"""Models: what is on the shelf, where it comes from, how good it is, what is here and what must be fetched."""
import streamlit as st

st.title("Models")
