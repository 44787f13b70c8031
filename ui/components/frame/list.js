// The list of pages, as a screen reader is told of it: Streamlit puts headings and groups between a list and its items.

export function mendList() {
  const parts = "[data-testid=stSidebarNavItems], [data-testid=stSidebarNavItems] li";
  document.querySelectorAll(parts).forEach((part) => part.setAttribute("role", "none")); // links in a nav stay
}
