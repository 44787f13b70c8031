// Runs in the measured page before its own scripts: notes keys, messages, requests and when a picture was on screen.
(() => {
  const now = (stamp = performance.now()) => performance.timeOrigin + stamp;
  const noted = { keys: [], frames: [], shown: [], asked: [], socket: null };
  window.gazeProbe = noted;

  const size = (data) => data.byteLength ?? data.size ?? data.length;
  const SMALL = 4000;
  function frame(way, data) {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const small = bytes instanceof Uint8Array && bytes.length <= SMALL;
    noted.frames.push({ way, time: now(), bytes: size(data), content: small ? Array.from(bytes) : null });
  }
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      noted.socket = this;
      this.addEventListener("message", (event) => frame("in", event.data));
    }
    send(data) {
      frame("out", data);
      super.send(data);
    }
  };

  const { fetch } = window;
  window.fetch = (what, ...more) => {
    noted.asked.push({ url: String(what.url || what), time: now() });
    return fetch(what, ...more);
  };

  window.addEventListener("keydown", (event) => noted.keys.push({ key: event.key, time: now(event.timeStamp) }), true);

  // Two frames later: the one that shows the change has been painted.
  const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
  new MutationObserver((changes) => changes.forEach(({ target }) => {
    const at = { ...target.dataset };
    painted(() => noted.shown.push({ ...at, time: now() }));
  })).observe(document, {
    subtree: true,
    attributes: true,
    attributeFilter: ["data-ready", "data-layer", "data-head", "data-exact", "data-painted", "data-token"],
  });
})();
