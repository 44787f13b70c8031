// Text on the page as items of a scene: one for each line, where it stands.

const RULER = document.createElement("canvas").getContext("2d");
const SEGMENTS = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

export function textItems(node, style, clip, opacity) {
  if (!node.data.trim()) return [];
  const range = document.createRange();
  // Spaces at the ends may take no room.
  range.setStart(node, node.data.length - node.data.trimStart().length);
  range.setEnd(node, node.data.trimEnd().length);
  const rects = range.getClientRects();
  const lines = rects.length === 1 ? [{ text: range.toString(), box: rects[0] }] : inLines(node, range);
  return lines.flatMap(({ text, box }) => lineItem(tidied(text, style), box, style, clip, opacity));
}

const tidied = (text, style) => {
  const plain = style.whiteSpace.startsWith("pre") ? text.replace(/\n/g, "") : text.replace(/\s+/g, " ").trim();
  if (style.textTransform === "uppercase") return plain.toUpperCase();
  return style.textTransform === "lowercase" ? plain.toLowerCase() : plain;
};

// The letters of each line with the box round them.
function inLines(node, range) {
  const lines = [];
  let at = 0;
  const parts = SEGMENTS ? Array.from(SEGMENTS.segment(node.data), (part) => part.segment) : [...node.data];
  for (const part of parts) {
    const before = at;
    range.setStart(node, at);
    range.setEnd(node, at + part.length);
    at += part.length;
    if (!part.trim()) {
      if (lines.length && before) lines[lines.length - 1].gap = " ";
      continue;
    }
    const [rect] = range.getClientRects();
    if (!rect || !rect.width) continue;
    const last = lines[lines.length - 1];
    if (last && Math.abs(last.box.top - rect.top) < rect.height / 2) {
      last.text += (last.gap || "") + part;
      last.gap = "";
      const left = Math.min(last.box.left, rect.left);
      last.box = { left, top: last.box.top, height: rect.height, width: Math.max(last.box.left + last.box.width, rect.right) - left };
    } else lines.push({ text: part, box: { left: rect.left, top: rect.top, width: rect.width, height: rect.height } });
  }
  return lines;
}

function lineItem(text, box, style, clip, opacity) {
  if (!text || !box.width) return [];
  const weight = Number(style.fontWeight) || 400;
  const italic = style.fontStyle !== "normal";
  const size = parseFloat(style.fontSize);
  RULER.font = `${italic ? "italic " : ""}${weight} ${size}px ${style.fontFamily}`;
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = RULER.measureText(text);
  const base = box.top + (box.height - up - down) / 2 + up;
  const face = { size, family: style.fontFamily, weight, italic };
  return [{
    kind: "text", text, matrix: [1, 0, 0, 1, box.left, base], width: box.width, ...face, fill: style.color,
    rtl: style.direction === "rtl", opacity, clip,
  }];
}
