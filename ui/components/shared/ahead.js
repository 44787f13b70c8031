// A picture that came before its page has run: it stays until the page brings the same, or has come to rest with another.

// view: {bytes: what is drawn, given: what the page brought last, ahead, held: what it would have told the page, draw(bytes),
// stay(), post(name, value)}.
export function showAhead(view, bytes) {
  const same = sameBytes(view.bytes, bytes);
  Object.assign(view, { ahead: true, held: null });
  if (!same) view.draw(bytes);
}

// The page brought something while the picture was ahead of it.
export function compareWithPage(view) {
  if (sameBytes(view.given, view.bytes)) letPageIn(view);
}

// The page has run, and brings nothing more: what it brought counts.
export function catchUp(view) {
  if (view.ahead) letPageIn(view);
}

function letPageIn(view) {
  const { held } = view;
  const same = sameBytes(view.given, view.bytes);
  Object.assign(view, { ahead: false, held: null });
  if (!same) {
    view.draw(view.given); // what was pressed belonged to another picture
    return;
  }
  view.bytes = view.given;
  view.stay();
  if (held) view.post(...held);
}

// What a view tells its page; of a picture that the page does not know yet, once it does.
export function sendFrom(view, name, value) {
  if (view.ahead) view.held = [name, value];
  else view.post(name, value);
}

function sameBytes(one, other) {
  if (one === other) return true;
  return Boolean(one && other) && one.length === other.length && one.every((byte, at) => byte === other[at]);
}
