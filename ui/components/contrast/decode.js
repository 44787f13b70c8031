// From the message's bytes to a header, its cosines, and the address of the sheet with the pictures.

function decode(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = bytes.byteOffset + 4 + length;
  const count = header.rows.length * header.columns.length;
  header.cosines = new Float32Array(bytes.buffer.slice(start, start + 4 * count));
  header.jpeg = bytes.slice(4 + length + 4 * count);
  return header;
}

function element(tag, name, text = "") {
  return Object.assign(document.createElement(tag), { className: name, textContent: text });
}

// A square that shows its part of the sheet, at any size.
function square(view, edge, side) {
  const one = element("span", "thumbnail");
  one.title = edge.text;
  Object.assign(one.style, { width: `${side}px`, height: `${side}px` });
  if (edge.picture < 0 || !view.sheet) return one;
  const { across, pictures } = view.data;
  const down = Math.ceil(pictures / across);
  const at = (index, of) => (of > 1 ? (100 * index) / (of - 1) : 0);
  one.style.backgroundImage = `url(${view.sheet})`;
  one.style.backgroundSize = `${100 * across}% ${100 * down}%`;
  one.style.backgroundPosition = `${at(edge.picture % across, across)}% ${at(Math.floor(edge.picture / across), down)}%`;
  return one;
}
