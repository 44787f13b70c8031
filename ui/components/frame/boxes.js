// What an element paints behind its text: ground, gradient or picture, frame and underline.

// A colour that is not seen.
export const CLEAR = /^(none|transparent|rgba\(.*, 0\)|)$/;
const SLICE = 2; // pixels of a gradient that are of one colour

const path = (d, box, more) => ({ kind: "path", d, box, ...more });

export function paintedBox(work, element, style, rect, clip, opacity) {
  if (rect.width < 1 && rect.height < 1) return;
  const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, rect.width / 2, rect.height / 2);
  const box = [rect.x, rect.y, rect.width, rect.height];
  const add = (item) => work.items.push({ ...item, opacity, clip });
  if (!CLEAR.test(style.backgroundColor)) add(path(frameOf(...box, radius), box, { fill: style.backgroundColor }));
  if (style.backgroundImage.startsWith("linear-gradient(")) gradient(style.backgroundImage, box).forEach(add);
  else if (style.backgroundImage.startsWith("url(")) work.waiting.push(behind(add, style, rect));
  borders(style, box, radius).forEach(add);
  const inset = /^(rgba?\([^)]*\)) 0px 0px 0px ([\d.]+)px inset$/.exec(style.boxShadow);
  if (inset) add(path(frameOf(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2, radius), box, { stroke: inset[1], width: Number(inset[2]) }));
  if (style.textDecorationLine === "underline") {
    add(path(`M${rect.x} ${rect.bottom - 2}H${rect.right}`, box, { stroke: style.textDecorationColor, width: 1 }));
  }
}

export function frameOf(x, y, width, height, radius = 0) {
  if (!radius) return `M${x} ${y}H${x + width}V${y + height}H${x}Z`;
  const turn = (dx, dy) => `a${radius} ${radius} 0 0 1 ${dx} ${dy}`;
  const [wide, high] = [width - 2 * radius, height - 2 * radius];
  return `M${x + radius} ${y}h${wide}${turn(radius, radius)}v${high}${turn(-radius, radius)}h${-wide}${turn(-radius, -radius)}v${-high}${turn(radius, -radius)}Z`;
}

function borders(style, [x, y, width, height], radius) {
  const sides = ["Top", "Right", "Bottom", "Left"].map((side) => ({
    wide: style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]) || 0,
    colour: style[`border${side}Color`], dash: style[`border${side}Style`],
  }));
  const drawn = sides.map(({ wide, colour }) => wide > 0 && !CLEAR.test(colour));
  if (!drawn.includes(true)) return [];
  const dashes = ({ wide, dash }) => ({ dashed: [3 * wide, 2 * wide], dotted: [wide, wide] })[dash] || [];
  const [{ wide, colour }] = sides;
  const box = [x, y, width, height];
  if (drawn.every(Boolean) && sides.every((side) => side.wide === wide && side.colour === colour)) {
    const half = wide / 2;
    return [path(frameOf(x + half, y + half, width - wide, height - wide, Math.max(0, radius - half)), box, { stroke: colour, width: wide, dash: dashes(sides[0]) })];
  }
  const lines = [
    (half) => `M${x} ${y + half}H${x + width}`, (half) => `M${x + width - half} ${y}V${y + height}`,
    (half) => `M${x} ${y + height - half}H${x + width}`, (half) => `M${x + half} ${y}V${y + height}`,
  ];
  return lines.flatMap((line, k) => (drawn[k] ? [path(line(sides[k].wide / 2), box, { stroke: sides[k].colour, width: sides[k].wide, dash: dashes(sides[k]) })] : []));
}

// A gradient along one of the axes, as slices of one colour each.
function gradient(text, [x, y, width, height]) {
  const angle = /^linear-gradient\((?:(\d+)deg|to (\w+))/.exec(text);
  const turned = angle?.[1] === "90" || angle?.[2] === "right" ? 0 : angle?.[1] === "270" || angle?.[2] === "left" ? 1 : angle?.[1] === "0" || angle?.[2] === "top" ? 3 : 2;
  const stops = [...text.slice(text.indexOf("(") + 1).matchAll(/([a-z]+\([^()]*\)|#[0-9a-f]+)(?: ([\d.]+)%)?/gi)];
  if (stops.length < 2) return [];
  const along = turned < 2 ? width : height;
  const pen = Object.assign(document.createElement("canvas"), { width: Math.max(1, Math.ceil(along / SLICE)), height: 1 }).getContext("2d", { willReadFrequently: true });
  const count = pen.canvas.width;
  const ramp = pen.createLinearGradient(0, 0, count, 0);
  stops.forEach(([, colour, percent], k) => ramp.addColorStop(percent === undefined ? k / (stops.length - 1) : Math.min(1, percent / 100), colour));
  pen.fillStyle = ramp;
  pen.fillRect(0, 0, count, 1);
  const pixels = pen.getImageData(0, 0, count, 1).data;
  return Array.from({ length: count }, (_, k) => {
    const place = turned % 2 ? count - 1 - k : k;
    const fill = `rgba(${pixels[4 * place]}, ${pixels[4 * place + 1]}, ${pixels[4 * place + 2]}, ${pixels[4 * place + 3] / 255})`;
    const [from, wide] = [k * (along / count), along / count];
    const box = turned < 2 ? [x + from, y, wide, height] : [x, y + from, width, wide];
    return path(frameOf(...box), box, { fill });
  });
}

// A picture behind an element, laid as its size and position say.
async function behind(add, style, rect) {
  const holder = { kind: "image", href: "", matrix: [1, 0, 0, 1, rect.x, rect.y], width: rect.width, height: rect.height, smooth: true };
  const image = new Image();
  image.src = /^url\("?(.*?)"?\)/.exec(style.backgroundImage)[1];
  try {
    await image.decode();
  } catch (error) {
    return;
  }
  const fine = 2;
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.ceil(rect.width * fine), height: Math.ceil(rect.height * fine) });
  const pen = canvas.getContext("2d");
  pen.scale(fine, fine);
  const [wide, high] = laidOut(style.backgroundSize, image, rect);
  const [left, top] = style.backgroundPosition.split(" ").map((part, k) => (
    part.endsWith("%") ? (parseFloat(part) / 100) * ([rect.width, rect.height][k] - [wide, high][k]) : parseFloat(part)));
  pen.drawImage(image, left, top || 0, wide, high);
  add({ ...holder, href: canvas.toDataURL() });
}

function laidOut(text, image, rect) {
  const natural = [image.naturalWidth, image.naturalHeight];
  if (text === "cover" || text === "contain") {
    const shares = [rect.width / natural[0], rect.height / natural[1]];
    const share = text === "cover" ? Math.max(...shares) : Math.min(...shares);
    return natural.map((side) => side * share);
  }
  const [across, down = "auto"] = text.split(" ");
  const read = (part, room) => (part.endsWith("%") ? (parseFloat(part) / 100) * room : parseFloat(part));
  const [wide, high] = [read(across, rect.width), read(down, rect.height)];
  if (Number.isNaN(wide) && Number.isNaN(high)) return natural;
  return [Number.isNaN(wide) ? (high * natural[0]) / natural[1] : wide, Number.isNaN(high) ? (wide * natural[1]) / natural[0] : high];
}
