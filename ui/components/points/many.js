// Many points on the graphics card: one square a point, cut to a disc, its place in 16 bits.

import { PLAIN, colourOf } from "./marks.js";

export const MANY = 10_000; // points from which on they are drawn so
const UNIT = 32767;
const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 scale;
uniform vec2 shift;
uniform float size;
out vec4 tint;
void main() {
  gl_Position = vec4(place * scale + shift, 0.0, 1.0);
  gl_PointSize = size;
  tint = colour;
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
out vec4 seen;
void main() {
  float far = length(gl_PointCoord - 0.5);
  if (far > 0.5) discard;
  seen = vec4(tint.rgb * tint.a, tint.a);
}`;

// The card's program for a canvas; null where the browser has none, and the points are drawn one by one.
export function prepareMany(canvas) {
  const card = canvas.getContext("webgl2", { premultipliedAlpha: true, antialias: false });
  if (!card) return null;
  const program = card.createProgram();
  [[card.VERTEX_SHADER, VERTEX], [card.FRAGMENT_SHADER, FRAGMENT]].forEach(([kind, source]) => {
    const shader = card.createShader(kind);
    card.shaderSource(shader, source);
    card.compileShader(shader);
    card.attachShader(program, shader);
  });
  card.linkProgram(program);
  if (!card.getProgramParameter(program, card.LINK_STATUS)) return null;
  card.useProgram(program);
  card.enable(card.BLEND);
  card.blendFunc(card.ONE, card.ONE_MINUS_SRC_ALPHA);
  const buffer = (name, count, kind, normal) => {
    const made = card.createBuffer();
    card.bindBuffer(card.ARRAY_BUFFER, made);
    const where = card.getAttribLocation(program, name);
    card.enableVertexAttribArray(where);
    card.vertexAttribPointer(where, count, kind, normal, 0, 0);
    return made;
  };
  const uniforms = Object.fromEntries(["scale", "shift", "size"].map((name) => [name, card.getUniformLocation(program, name)]));
  return { card, uniforms, places: buffer("place", 2, card.SHORT, true), colours: buffer("colour", 4, card.UNSIGNED_BYTE, true) };
}

const rgbOf = new Map();

// Red, green and blue of a colour as CSS writes it.
function channels(colour) {
  if (!rgbOf.has(colour)) {
    const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    rgbOf.set(colour, pen.getImageData(0, 0, 1, 1).data);
  }
  return rgbOf.get(colour);
}

// Places in 16 bits, of points that are fitted into the room: sent once for a layer, zoom and pan move them on the card.
export function inBits(at, width, height) {
  const found = new Int16Array(at.length);
  for (let i = 0; i < at.length; i += 2) {
    found[i] = Math.round(Math.max(-1, Math.min(1, (2 * at[i]) / width - 1)) * UNIT);
    found[i + 1] = Math.round(Math.max(-1, Math.min(1, 1 - (2 * at[i + 1]) / height)) * UNIT);
  }
  return found;
}

// From the unit square to what is seen of it: [scale, shift across, shift up].
export function lens({ scale, x, y }, width, height) {
  return [scale, scale - 1 + (2 * x) / width, 1 - scale - (2 * y) / height];
}

export function paintMany(view, pane, at, strong, codes) {
  const { card, uniforms, places, colours } = pane.many;
  const { travel, side, width, height } = pane;
  const moving = travel.share < 1;
  if (moving || pane.sent !== travel.to) {
    const fitted = moving ? pane.now : travel.to;
    card.bindBuffer(card.ARRAY_BUFFER, places);
    card.bufferData(card.ARRAY_BUFFER, inBits(fitted, width, height), card.DYNAMIC_DRAW);
    pane.sent = moving ? null : travel.to;
  }
  const key = `${view.colour} ${pane.strongKey} ${view.palette.name} ${view.colour === "agreement" ? pane.layer : ""}`;
  if (pane.tinted !== key) {
    card.bindBuffer(card.ARRAY_BUFFER, colours);
    card.bufferData(card.ARRAY_BUFFER, tints(view.palette, side.count, strong, codes), card.STATIC_DRAW);
    pane.tinted = key;
  }
  const ratio = window.devicePixelRatio || 1;
  const [scale, across, up] = lens(pane.zoom, width, height);
  card.viewport(0, 0, card.canvas.width, card.canvas.height);
  card.clearColor(0, 0, 0, 0);
  card.clear(card.COLOR_BUFFER_BIT);
  card.uniform2f(uniforms.scale, scale, scale);
  card.uniform2f(uniforms.shift, across, up);
  card.uniform1f(uniforms.size, Math.max(2, 2 * pane.radius * ratio * Math.min(2, scale ** 0.25)));
  card.drawArrays(card.POINTS, 0, side.count);
}

function tints(palette, count, strong, codes) {
  const found = new Uint8Array(4 * count);
  for (let i = 0; i < count; i += 1) {
    const rgb = channels(colourOf(palette, codes ? codes[i] : PLAIN));
    found.set([rgb[0], rgb[1], rgb[2], strong && !strong[i] ? 18 : 210], 4 * i);
  }
  return found;
}
