// What stands above and beside the matrix: which numbers are shown, the slider of the scale, and the losses.

const LEAST = 1; // of the slider, as 10^0
const STEPS = 400;

const SHOWN = {
  clip: [["cosines", "cosines"], ["rows", "each text over the pictures"], ["columns", "each picture over the texts"]],
  siglip: [["cosines", "cosines"], ["rows", "each pair by itself"]],
  simclr: [["cosines", "cosines"], ["rows", "each view over the others"]],
};

function showBar(view) {
  const box = element("div", "show");
  box.setAttribute("role", "group");
  for (const [name, title] of SHOWN[view.data.kind]) {
    const button = element("button", "", name === "cosines" ? title : `${view.data.kind === "siglip" ? "sigmoid" : "softmax"}: ${title}`);
    button.type = "button";
    button.dataset.show = name;
    button.addEventListener("click", () => {
      view.show = name;
      refresh(view);
    });
    box.append(button);
  }
  return box;
}

const stepOf = (scale, most) => Math.round((STEPS * Math.log(scale / LEAST)) / Math.log(most / LEAST));
const scaleAt = (step, most) => LEAST * (most / LEAST) ** (step / STEPS);

function scaleBar(view) {
  const box = element("div", "scale");
  const slider = Object.assign(element("input", ""), { type: "range", min: 0, max: STEPS, step: 1 });
  slider.setAttribute("aria-label", "Scale: what cosines are multiplied by");
  slider.addEventListener("input", () => setScale(view, scaleAt(Number(slider.value), view.data.most)));
  view.slider = slider;
  view.told = element("output", "");
  box.append(element("span", "quiet", "scale"), slider, view.told);
  for (const mark of view.data.marks) {
    const button = element("button", "mark", mark.label);
    button.type = "button";
    button.title = mark.note;
    button.dataset.value = mark.value;
    button.addEventListener("click", () => setScale(view, mark.value, mark.note));
    box.append(button);
  }
  return box;
}

function setScale(view, scale, note = "") {
  view.scale = Math.min(view.data.most, Math.max(LEAST, scale));
  Object.assign(view, { note, touched: true });
  refresh(view);
  clearTimeout(view.rest);
  view.rest = setTimeout(() => writeAddress(view), 300);
}

// The scale stands in the address of the page, so that a link shows the same numbers.
function writeAddress(view) {
  const address = new URL(location.href);
  address.searchParams.set("scale", Number(view.scale.toPrecision(4)));
  if (address.search !== location.search) history.replaceState(history.state, "", address);
}

function scaleInAddress(data) {
  const said = Number(new URLSearchParams(location.search).get("scale"));
  return said >= LEAST && said <= data.most ? said : data.scale;
}

const LOSSES = {
  clip: [["rows", "text → picture, along rows"], ["columns", "picture → text, along columns"]],
  siglip: [["rows", "every pair by itself: SigLIP’s loss"]],
  simclr: [["rows", "each view seeks the other one"]],
};
const GUESSES = {
  clip: (n, told) => `ln ${n} = ${told}`,
  siglip: (n, told) => `${told}, where every pair is given 1/${n}`,
  simclr: (n, told) => `ln ${n - 1} = ${told}`,
};

function lossBox(view) {
  const { data } = view;
  const box = element("div", "losses");
  const n = data.rows.length;
  const lines = LOSSES[data.kind];
  let sum = 0;
  for (const [name, title] of lines) {
    const one = view.judged[name];
    sum += one.loss / lines.length;
    box.append(lossLine(title, one.loss, guess(data)));
    box.append(element("div", "small", `right one first in ${one.right} of ${n} · it gets ${percent(one.probability)}`));
  }
  if (lines.length > 1) box.append(lossLine("both: CLIP’s loss", sum, guess(data), "whole"));
  const told = `The line stands at ${GUESSES[data.kind](n, guess(data).toFixed(2))}: nothing told apart.`;
  box.append(element("div", "small", told));
  if (data.kind === "siglip") box.append(element("div", "small", `sigmoid(scale × cosine ${signed(data.bias)})`));
  return box;
}

function lossLine(title, loss, chance, name = "") {
  const line = element("div", `loss ${name}`);
  const head = element("div", "head");
  head.append(element("span", "", title), element("b", "", `${loss.toFixed(loss < 0.1 ? 3 : 2)}`));
  const room = element("div", "room");
  const most = Math.max(1.5 * chance, 1e-6);
  const fill = element("i", "fill");
  fill.style.width = `${Math.min(100, (100 * loss) / most)}%`;
  const rule = element("i", "rule");
  rule.style.left = `${(100 * chance) / most}%`;
  room.append(fill, rule);
  line.append(head, room);
  return line;
}

const signed = (value) => `${value < 0 ? "−" : "+"} ${Math.abs(value).toPrecision(3)}`;

const percent = (share) => (share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`);
