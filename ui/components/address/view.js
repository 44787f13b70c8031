// Address: a page writes its choices into the address bar, without a step in the history of the browser.

// One record a window: the path, the page that wrote last, its parameters, and whether parameters were carried along.
function record() {
  if (window.gazeAddress) return window.gazeAddress;
  const state = { path: location.pathname, page: "", names: [], carried: false };
  window.gazeAddress = state;
  // Streamlit takes the query along from page to page; only a step that was given parameters of its own keeps them.
  window.navigation?.addEventListener("currententrychange", (event) => {
    const pushed = event.navigationType === "push";
    if (location.pathname === state.path) {
      state.carried ||= pushed;
      return;
    }
    state.path = location.pathname;
    if (pushed && !state.carried) write((query) => [...query.keys()].forEach((name) => drop(query, name)));
    state.carried = false;
  });
  return state;
}

function drop(query, name) {
  if (!name.startsWith("embed")) query.delete(name);
}

function write(change) {
  const address = new URL(location.href);
  change(address.searchParams);
  if (address.search !== location.search) history.replaceState(history.state, "", address);
}

export default function show({ data }) {
  const state = record();
  write((query) => {
    if (state.page !== data.page) state.names.forEach((name) => drop(query, name));
    data.names.forEach((name) => {
      const values = data.values[name] ?? [];
      if (values.length === query.getAll(name).length && values.every((v, k) => v === query.getAll(name)[k])) return;
      drop(query, name);
      values.forEach((value) => query.append(name, value));
    });
  });
  state.page = data.page;
  state.names = data.names;
  state.path = location.pathname;
}
