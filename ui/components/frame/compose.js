// A scene ready to be saved: what was gathered, cut to its edges, with a title above and the caption below.

const EDGE = 24; // pixels round the picture
const GAP = 16; // pixels between parts at most
const TITLE = 19;
const SMALL = 13;
const LEADING = 1.45;

// gathered: {items, ground, ink, quiet, family, title}. Gives {items, width, height, ground, title, caption}.
export function composed({ items, ground, ink, quiet, family, title }, caption) {
  const seen = items.map((item) => ({ item, box: boxOf(item) })).filter(({ box }) => box && box[2] > 0 && box[3] > 0);
  if (!seen.length) throw Object.assign(new Error("nothing to save"), { advice: "There is no picture on this page to save." });
  const left = Math.min(...seen.map(({ box }) => box[0]));
  const top = Math.min(...seen.map(({ box }) => box[1]));
  const width = Math.max(480, Math.max(...seen.map(({ box }) => box[0] + box[2])) - left);
  const up = closing(seen.map(({ box }) => [box[1], box[1] + box[3]]));
  const bottom = Math.max(...seen.map(({ box }) => box[1] + box[3]));
  const height = bottom - up(bottom) - top;
  const head = EDGE + TITLE * LEADING + 6;
  const placed = seen.map(({ item, box }) => shifted(item, EDGE - left, head - top - up(box[1])));
  const write = lettersOf(family);
  placed.unshift(write(title, EDGE, EDGE + TITLE * 0.8, TITLE, 650, ink));
  const address = readable(location.href);
  const lines = [...caption, address, new Date().toISOString().slice(0, 10)].flatMap((line) => wrapped(line, width, family));
  const foot = head + height + 16;
  lines.forEach((line, k) => placed.push(write(line, EDGE, foot + SMALL * (LEADING * k + 1), SMALL, 400, quiet)));
  return {
    items: placed, width: Math.ceil(width + 2 * EDGE), height: Math.ceil(foot + SMALL * LEADING * lines.length + EDGE),
    ground, title, caption: [...caption, location.href],
  };
}

// How far up what begins at a height moves, so that no gap is left where choices stood between pictures.
function closing(spans) {
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  const cuts = [];
  let [, end] = sorted[0];
  let moved = 0;
  sorted.forEach(([from, to]) => {
    if (from > end + GAP) {
      moved += from - end - GAP;
      cuts.push([from, moved]);
    }
    end = Math.max(end, to);
  });
  return (y) => cuts.reduce((found, [from, far]) => (y >= from ? far : found), 0);
}

// An address with its letters, as far as it still leads to the same place.
function readable(href) {
  try {
    return decodeURI(href).replace(/\s/g, encodeURIComponent);
  } catch (error) {
    return href;
  }
}

const ruler = () => document.createElement("canvas").getContext("2d");
const rightToLeft = (text) => /^[^\p{L}]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u.test(text);

export function lettersOf(family) {
  const pen = ruler();
  return (text, x, y, size, weight, fill) => {
    pen.font = `${weight} ${size}px ${family}`;
    return { kind: "text", text, matrix: [1, 0, 0, 1, x, y], width: pen.measureText(text).width, size, weight, family, fill, italic: false, rtl: rightToLeft(text), opacity: 1 };
  };
}

// Cut between words, and within a word where it is longer than the line.
export function wrapped(text, room, family, size = SMALL) {
  const pen = ruler();
  pen.font = `${size}px ${family}`;
  const lines = [""];
  text.split(/(?<=[\s/&,])|(?<=\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana})/u).forEach((word) => {
    const last = lines.length - 1;
    if (!lines[last] || pen.measureText(lines[last] + word).width <= room) lines[last] += word;
    else lines.push(word);
    while (pen.measureText(lines[lines.length - 1]).width > room) {
      const long = lines.pop();
      let count = long.length - 1;
      while (count > 1 && pen.measureText(long.slice(0, count)).width > room) count -= 1;
      lines.push(long.slice(0, count), long.slice(count));
    }
  });
  return lines.map((line) => line.trim()).filter(Boolean);
}

// What an item covers, cut to its clip: [x, y, width, height].
export function boxOf(item) {
  const box = item.box || (item.kind === "path" ? null : cornered(item));
  return box && (item.clip ? meet(box, item.clip) : box);
}

function cornered({ kind, matrix: [a, b, c, d, e, f], width, height, size }) {
  const [top, bottom] = kind === "text" ? [-size, size * 0.25] : [0, height];
  const corners = [[0, top], [width, top], [0, bottom], [width, bottom]].map(([x, y]) => [a * x + c * y + e, b * x + d * y + f]);
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return [x, y, Math.max(...xs) - x, Math.max(...ys) - y];
}

// The part that two rectangles share.
export function meet(one, other) {
  if (!one) return other;
  if (!other) return one;
  const [x, y] = [Math.max(one[0], other[0]), Math.max(one[1], other[1])];
  return [x, y, Math.max(0, Math.min(one[0] + one[2], other[0] + other[2]) - x), Math.max(0, Math.min(one[1] + one[3], other[1] + other[3]) - y)];
}

const KNOWN = new Map();

// A colour in the form that every reader knows.
function common(colour) {
  if (!colour || /^(#|rgba?\()/.test(colour)) return colour;
  if (!KNOWN.has(colour)) {
    const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, seen] = pen.getImageData(0, 0, 1, 1).data;
    KNOWN.set(colour, `rgba(${red}, ${green}, ${blue}, ${Math.round((seen / 255) * 1000) / 1000})`);
  }
  return KNOWN.get(colour);
}

// An item elsewhere.
export function shifted(item, x, y) {
  const [a, b, c, d, e, f] = item.matrix || [1, 0, 0, 1, 0, 0];
  const clip = item.clip && [item.clip[0] + x, item.clip[1] + y, item.clip[2], item.clip[3]];
  return { ...item, box: undefined, fill: common(item.fill), stroke: common(item.stroke), matrix: [a, b, c, d, e + x, f + y], clip };
}
