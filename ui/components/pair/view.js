// One mounted pair: reads the message, lays the three pictures out, and answers the pointer and the keys.

const WIDE = 880; // pixels from which the lines stand between the matrices
const MIDDLING = 560; // from which the matrices stand side by side
const GAP = 22;

export default function show(component) {
  return live(component, {
    selector: ".gaze-pair",
    fresh: () => ({
      together: null, gold: true, change: false, point: null, hold: null, path: location.pathname,
    }),
    receive,
    build,
    leave: (view) => clearTimeout(view.rest),
  });
}

function receive(view, palette) {
  const data = decode(view.bytes);
  view.places = startingLayers(view, data);
  // Bound together as long as they stand at the same layer.
  view.together ??= new Set(data.sides.map((side, k) => side.layers[view.places[k]])).size === 1;
  const same = view.data && String(view.data.source) === String(data.source)
    && String(view.data.target) === String(data.target);
  if (!same) Object.assign(view, { point: null, hold: null });
  Object.assign(view, { data, palette, colours: inks(view.root, palette),
    differences: differenceScale(view.root, palette) });
  build(view);
}

function build(view) {
  const { root, data } = view;
  view.size = sizeOf(root);
  const width = root.clientWidth;
  const form = width >= WIDE ? "wide" : width >= MIDDLING ? "middling" : "narrow";
  root.dataset.form = form;
  view.parts = data.sides.map((side, index) => ({ side, index, canvas: element("canvas", "matrix") }));
  view.lines = element("canvas", "lines");
  const middle = element("div", "middle");
  const scroll = element("div", "scroll");
  scroll.append(view.lines);
  middle.append(ticks(view), scroll, legend(view));
  const boxes = view.parts.map((part) => sideBox(view, part));
  const order = form === "wide" ? [boxes[0], middle, ...boxes.slice(1)] : [middle, ...boxes];
  const main = element("div", "main");
  main.append(...order);
  view.readout = element("output", "readout");
  root.replaceChildren(main, view.readout);
  sizes(view, width, form, scroll);
  hands(view);
  draw(view);
}

function sideBox(view, part) {
  const box = element("figure", "side");
  part.ends = element("div", "ends");
  box.append(sideHead(view, part), part.canvas, part.ends);
  part.canvas.setAttribute("role", "img");
  const said = `${part.side.name}: ${part.side.measure}, source in rows, translation in columns`;
  part.canvas.setAttribute("aria-label", said);
  return box;
}

function sizes(view, width, form, scroll) {
  const count = view.parts.length;
  const middle = form === "wide" ? Math.max(300, Math.round(width * 0.3)) : width;
  const columns = form === "wide" ? count : form === "middling" ? count : 1;
  const room = form === "wide" ? width - middle - GAP * count : width - GAP * (columns - 1);
  const side = Math.floor(room / columns);
  const high = view.data.height - 34;
  const wide = form === "wide";
  const tall = wide ? high - 118 : Math.min(side * 1.1, 460);
  for (const part of view.parts) part.plan = planMatrix(view, part, side, tall);
  const longest = Math.max(view.data.source.length, view.data.target.length);
  view.plan = planLines(view, middle, wide ? high - 74 : 30 * longest + HEAD);
  scroll.style.maxHeight = form === "wide" ? `${high - 70}px` : "";
  const between = [`${side}px`, `${middle}px`, ...Array(count - 1).fill(`${side}px`)];
  const template = wide ? between : Array(columns).fill("minmax(0, 1fr)");
  view.root.querySelector(".main").style.gridTemplateColumns = template.join(" ");
}

function draw(view) {
  view.root.classList.toggle("changing", view.change);
  for (const part of view.parts) {
    const place = view.places[part.index];
    const layer = part.side.layers[place];
    part.slider.value = place;
    const last = part.side.layers[part.side.layers.length - 1];
    part.layer.textContent = layer === 0 ? "input" : `layer ${layer} of ${last}`;
    part.said.textContent = saidOfLayer(view, part);
    drawMatrix(view, part);
    drawEnds(view, part);
  }
  drawLines(view);
  view.readout.textContent = readout(view) || " ";
  view.root.dataset.layers = view.parts.map((part) => part.side.layers[view.places[part.index]]).join();
}

// The scale of a matrix: its own ends, since cosines of two models do not mean the same.
function drawEnds(view, part) {
  const { low, high } = part.scale;
  const stops = Array.from({ length: 9 }, (_, k) => colourOf(view, part.scale, low + ((high - low) * k) / 8));
  const ramp = element("i", "ramp");
  ramp.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
  const what = view.change && view.places[part.index] ? `change of ${part.side.measure}` : part.side.measure;
  const said = [what, two(low), two(high)].map((text) => element("span", "", text));
  part.ends.replaceChildren(said[0], said[1], ramp, said[2]);
}

// A pointer over any of the three pictures lights the same words up in all of them; a click holds them.
function hands(view) {
  const point = (found) => {
    if (JSON.stringify(found) === JSON.stringify(view.point)) return;
    view.point = found;
    if (!view.hold) draw(view);
  };
  const hold = (found) => {
    view.hold = found && JSON.stringify(found) !== JSON.stringify(view.hold) ? found : null;
    draw(view);
  };
  const surfaces = [
    [view.lines, (event) => lineWordAt(view, event)],
    ...view.parts.map((part) => [part.canvas, (event) => matrixAt(part, event)]),
  ];
  for (const [canvas, find] of surfaces) {
    canvas.addEventListener("pointermove", (event) => event.pointerType === "mouse" && point(find(event)));
    canvas.addEventListener("pointerleave", () => point(null));
    canvas.addEventListener("click", (event) => hold(find(event)));
  }
  view.lines.tabIndex = 0;
  view.lines.setAttribute("role", "img");
  const said = "Links between the words of both sentences; arrow keys walk through the source words";
  view.lines.setAttribute("aria-label", said);
  view.lines.addEventListener("keydown", (event) => {
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") hold(null);
    if (!turn) return;
    event.preventDefault();
    const count = view.data.source.length;
    const next = ((view.hold?.source ?? (turn > 0 ? -1 : count)) + turn + count) % count;
    view.hold = { source: next, target: null };
    draw(view);
  });
}
