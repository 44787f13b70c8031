// What a page keeps over a reload: in the storage of the tab, and told to the page when its session begins anew.

const MOST = 500_000; // characters a page

export default function show({ data, setTriggerValue }) {
  const name = `gaze:lasting:${data.page}`;
  globalThis.gazeLasting ??= new Set(); // pages that were told
  const kept = read(name);
  if (!globalThis.gazeLasting.has(data.page)) {
    globalThis.gazeLasting.add(data.page);
    if (data.fresh && Object.keys(kept).length) {
      setTriggerValue("kept", kept);
      return;
    }
  }
  write(name, { ...kept, ...data.values });
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? {};
  } catch {
    return {}; // no storage, or somebody else's words in it
  }
}

function write(name, values) {
  const text = JSON.stringify(values);
  try {
    if (text.length <= MOST) sessionStorage.setItem(name, text);
  } catch {
    // A tab without storage, or a full one, keeps nothing.
  }
}
