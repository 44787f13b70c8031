// A third direction: the map turned about its middle, near points over far ones.

export const START = { yaw: 0.5, pitch: 0.3 }; // radians
const STEEPEST = Math.PI / 2;
const FULL = 0.008; // radians a pixel

export function turnBy(pane, across, down) {
  const { yaw, pitch } = pane.turn;
  pane.turn = { yaw: yaw + across * FULL, pitch: Math.max(-STEEPEST, Math.min(STEEPEST, pitch + down * FULL)) };
}

// A point (x, y, z) from the middle, y downwards, z towards who looks: where it is seen, and how near.
export function turned([x, y, z], { yaw, pitch }) {
  const [across, near] = [x * Math.cos(yaw) + z * Math.sin(yaw), z * Math.cos(yaw) - x * Math.sin(yaw)];
  return [across, y * Math.cos(pitch) + near * Math.sin(pitch), near * Math.cos(pitch) - y * Math.sin(pitch)];
}

// All points turned; nearness is left in pane.nearness.
export function turnedPlaces(pane, at) {
  const { deep } = pane.frame;
  const [middle, centre] = [pane.width / 2, pane.height / 2];
  const found = new Float32Array(at.length);
  pane.nearness = new Float32Array(deep.length);
  for (let i = 0; i < deep.length; i += 1) {
    const [x, y, near] = turned([at[2 * i] - middle, at[2 * i + 1] - centre, deep[i]], pane.turn);
    [found[2 * i], found[2 * i + 1], pane.nearness[i]] = [middle + x, centre + y, near];
  }
  return found;
}

export function farFirst(pane, at) {
  turnedPlaces(pane, at);
  return Uint32Array.from(pane.nearness.keys()).sort((a, b) => pane.nearness[a] - pane.nearness[b]);
}

// The three directions, from the middle.
export function axes(view, pane, pen) {
  const long = Math.min(pane.width, pane.height) * 0.42;
  const { scale, x: left, y: top } = pane.zoom;
  pen.strokeStyle = view.palette.rule;
  pen.fillStyle = view.palette.quiet;
  pen.font = `${view.palette.small}px ${view.palette.plain}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 1;
  [[long, 0, 0], [0, -long, 0], [0, 0, long]].forEach((end, k) => {
    const on = (share) => {
      const [x, y] = turned(end.map((part) => part * share), pane.turn);
      return [(pane.width / 2 + x) * scale + left, (pane.height / 2 + y) * scale + top];
    };
    pen.beginPath();
    pen.moveTo(...on(-1));
    pen.lineTo(...on(1));
    pen.stroke();
    pen.fillText(`${k + 1}`, ...on(1.06));
  });
}
