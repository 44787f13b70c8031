// A scene as an SVG document: lines, pictures, and letters that can be selected.

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign])
  .replace(/\p{Cc}/gu, (sign) => (/\s/.test(sign) ? " " : "·")); // no XML holds these
const brief = (number) => String(Math.round(number * 100) / 100);
const matrixOf = (matrix) => `matrix(${matrix.map((part) => Math.round(part * 1e5) / 1e5).join(" ")})`;

// across, down: pixels that the scene is fitted into, its middle in theirs; without them its own size.
export function written(scene, across = scene.width, down = scene.height) {
  const clips = new Map();
  const body = scene.items.map((item) => {
    const inside = WRITERS[item.kind](item);
    return item.clip ? `<g clip-path="url(#${clipName(clips, item.clip)})">${inside}</g>` : inside;
  });
  const share = Math.min(across / scene.width, down / scene.height);
  const [left, top] = [(across - scene.width * share) / 2, (down - scene.height * share) / 2];
  const defined = [...clips].map(([rect, name]) => {
    const [x, y, width, height] = rect.split(" ");
    return `<clipPath id="${name}"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${across}" height="${down}" viewBox="0 0 ${across} ${down}">
<title>${escaped(scene.title)}</title><desc>${escaped(scene.caption.join("\n"))}</desc>
<rect width="${across}" height="${down}" fill="${escaped(scene.ground)}"/><defs>${defined.join("")}</defs>
<g transform="translate(${brief(left)} ${brief(top)}) scale(${share})">
${body.join("\n")}
</g></svg>`;
}

function clipName(clips, rect) {
  const key = rect.map(brief).join(" ");
  if (!clips.has(key)) clips.set(key, `clip${clips.size}`);
  return clips.get(key);
}

const see = (opacity) => (opacity < 1 ? ` opacity="${brief(opacity)}"` : "");

const WRITERS = {
  path({ d, matrix, fill, stroke, width, dash, cap, join, opacity, evenodd }) {
    const line = stroke ? ` stroke="${escaped(stroke)}" stroke-width="${brief(width)}"${dash?.length ? ` stroke-dasharray="${dash.map(brief).join(" ")}"` : ""}${
      cap && cap !== "butt" ? ` stroke-linecap="${cap}"` : ""}${join && join !== "miter" ? ` stroke-linejoin="${join}"` : ""}` : "";
    const moved = matrix ? ` transform="${matrixOf(matrix)}"` : "";
    return `<path d="${d}" fill="${escaped(fill || "none")}"${evenodd ? ' fill-rule="evenodd"' : ""}${line}${moved}${see(opacity)}/>`;
  },
  text({ text, matrix, size, family, weight, italic, fill, width, rtl, opacity }) {
    const face = `font-family="${escaped(family)}" font-size="${brief(size)}"${weight !== 400 ? ` font-weight="${weight}"` : ""}${italic ? ' font-style="italic"' : ""}`;
    const way = rtl ? ' direction="rtl" text-anchor="end"' : "";
    // The same width where the fonts of another machine are wider.
    const fitted = [...text].length > 1 ? ` textLength="${brief(width)}" lengthAdjust="spacingAndGlyphs"` : "";
    return `<text transform="${matrixOf(matrix)}" ${face}${way}${fitted} fill="${escaped(fill)}"${see(opacity)} xml:space="preserve">${escaped(text)}</text>`;
  },
  image({ href, matrix, width, height, smooth, opacity }) {
    return `<image href="${escaped(href)}" width="${brief(width)}" height="${brief(height)}" preserveAspectRatio="none" transform="${matrixOf(matrix)}"${
      smooth ? "" : ' style="image-rendering:pixelated"'}${see(opacity)}/>`;
  },
};
