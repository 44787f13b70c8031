// The life of one mounted view: made once, told of new data or colours, built anew at another size, taken down at last.

const VIEWS = new WeakMap();
const sizeOf = (root) => `${root.clientWidth}x${window.devicePixelRatio}`;

// selector: the view's element. fresh(): its own fields. receive(view, palette): new data or colours have come, and
// view.data is made. build(view): draw at this size. leave(view): what else ends with it.
function live(component, { selector, fresh, receive, build, leave = () => {} }) {
  const place = component.parentElement;
  const root = place.querySelector(selector);
  let view = VIEWS.get(place);
  if (!view) {
    view = { root, turn: 0, size: "", ...fresh() };
    view.watch = new ResizeObserver(() => view.data && view.size !== sizeOf(root) && build(view));
    view.watch.observe(root);
    VIEWS.set(place, view);
  }
  view.send = component.setTriggerValue;
  view.turn += 1;
  const { turn } = view;
  const palette = readPalette(root);
  if (view.bytes !== component.data || palette.name !== view.palette.name) {
    view.bytes = component.data;
    receive(view, palette);
    view.count = (view.count || 0) + 1;
    place.host?.setAttribute("data-ready", view.count);
    root.dataset.ready = view.count;
  }
  // Streamlit may end an outdated call while the view lives on: only the latest call takes it down.
  return () => {
    if (turn !== view.turn) return;
    leave(view);
    view.watch.disconnect();
    VIEWS.delete(place);
  };
}
