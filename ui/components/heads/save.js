// The Save menu: print-ready files from the server, and the picture just as it is on screen.

import { writeAddress } from "./address.js";
import { button, directionText } from "./bar.js";
import { routeOf } from "./exact.js";
import { layerName, nameOf } from "./names.js";
import { make } from "../shared/dom.js";
import { postJson } from "../shared/routes.js";

const PRINT_FORMATS = [["pdf", "PDF"], ["svg", "SVG"], ["png", "PNG"]];
const NUMBER_FORMATS = [["csv", "CSV"], ["npz", "NPZ"]];

export function fillSave(view, act) {
  const menu = view.parts.save.querySelector(".menu");
  const close = (work) => () => {
    view.parts.save.open = false;
    work();
  };
  const line = (title, ...buttons) => make("div", "line", {}, make("span", "", { textContent: title }), make("span", "", {}, ...buttons));
  const ask = (format, name, form) => button("quiet", name, close(() => saveFromServer(view, act, format, form)));
  const seen = (name, form) => button("quiet", name, close(() => saveSeen(view, form)));
  const lines = [line("As on screen", ...(view.choice.view === "text" ? [] : [seen("this head", "head")]), seen("all heads", "overview"))];
  if (view.data.header.endpoint) {
    lines.push(
      line("This head, for print", ...PRINT_FORMATS.map(([format, name]) => ask(format, name, "heatmap"))),
      line("All heads, for print", ...PRINT_FORMATS.map(([format, name]) => ask(format, name, "overview"))),
      line("Numbers of this head", ...NUMBER_FORMATS.map(([format, name]) => ask(format, name, "heatmap"))),
    );
  }
  lines.push(line("This view", button("quiet", "copy link", close(() => copyLink(view, act)))));
  menu.replaceChildren(...lines);
}

// The address with all that is chosen here, also what nobody touched.
async function copyLink(view, act) {
  view.touched = true;
  writeAddress(view);
  try {
    await navigator.clipboard.writeText(location.href);
    act.say("The link is copied: it opens just this view.");
  } catch (error) {
    act.say("This browser keeps pages from copying: copy the address from its own line.");
  }
}

function saveBlob(blob, name) {
  const link = make("a", "", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function saveFromServer(view, act, format, form) {
  const { header } = view.data;
  const { kind, layer, head } = view.choice;
  act.say(`Making the ${format.toUpperCase()} …`);
  const body = { request: header.request, shown: header.shown, kind, layer, head, format, view: form };
  try {
    const reply = await postJson(routeOf(header, "export"), body);
    if (reply.status === 422) {
      act.say((await reply.json()).advice);
      return;
    }
    if (!reply.ok) throw new Error(reply.statusText);
    saveBlob(await reply.blob(), givenName(reply) || `${fileName(view)}.${format}`);
    act.say("");
  } catch (error) {
    act.say("The file could not be made. Try again, or save the picture as on screen.");
  }
}

function givenName(reply) {
  const told = reply.headers.get("Content-Disposition") || "";
  const coded = /filename\*=UTF-8''([^;]+)/i.exec(told);
  const plain = /filename="?([^";]+)"?/i.exec(told);
  return coded ? decodeURIComponent(coded[1]) : plain ? plain[1] : "";
}

const fileName = (view) => `gaze-${view.choice.kind}-layer-${layerName(view.kind, view.choice.layer)}-head-${
  typeof view.choice.head === "number" ? view.choice.head + 1 : view.choice.head}`;

function saveSeen(view, form) {
  const { parts, palette, choice } = view;
  const layers = form === "overview" ? [parts.overviewBase, parts.overviewTop]
    : choice.view === "lines" ? [parts.linesCanvas] : [parts.base, parts.top];
  const ratio = window.devicePixelRatio || 1;
  const canvas = make("canvas");
  const margin = 16 * ratio;
  canvas.width = layers[0].width + 2 * margin;
  canvas.height = layers[0].height + 2 * margin + 30 * ratio;
  const pen = canvas.getContext("2d");
  pen.fillStyle = palette.ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = palette.ink;
  pen.font = `600 ${16 * ratio}px ${palette.plain}`;
  pen.textBaseline = "top";
  const title = form === "overview" ? view.kind.title : `${nameOf(view.kind, choice.layer, choice.head)}: ${directionText(view)}`;
  pen.fillText(title, margin, margin);
  layers.forEach((layer) => pen.drawImage(layer, margin, margin + 30 * ratio));
  const name = form === "overview" ? `gaze-${choice.kind}-all-heads.png` : `${fileName(view)}-${choice.view}.png`;
  canvas.toBlob((blob) => saveBlob(blob, name));
}
