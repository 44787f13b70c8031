// The signs for links, which differ in form and not by colour alone: both models, only one of them, gold.

export const inks = ({ ink, orange, violet, green, quiet }) => ({ both: ink, sides: [orange, violet], gold: green, lost: quiet });

export const DASHES = [[9, 5], [2, 5]]; // only the first model, only the second

// One link as a line from (x1, y1) to (x2, y2).
export function strokeLink(pen, colours, who, from, to, strength) {
  const bend = (to[0] - from[0]) * 0.4;
  pen.globalAlpha = strength;
  pen.strokeStyle = who === "both" ? colours.both : colours.sides[who];
  pen.lineWidth = who === "both" ? 2.5 : 2.8;
  pen.lineCap = who === 1 ? "round" : "butt";
  pen.setLineDash(who === "both" ? [] : DASHES[who]);
  pen.beginPath();
  pen.moveTo(...from);
  pen.bezierCurveTo(from[0] + bend, from[1], to[0] - bend, to[1], ...to);
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

// Gold as a wide pale band under the lines; a possible link is a narrow one.
export function strokeGold(pen, colours, sure, from, to, strength) {
  const bend = (to[0] - from[0]) * 0.4;
  pen.globalAlpha = strength * (sure ? 0.36 : 0.26);
  pen.strokeStyle = colours.gold;
  pen.lineWidth = sure ? 13 : 6;
  pen.lineCap = "butt";
  pen.beginPath();
  pen.moveTo(...from);
  pen.bezierCurveTo(from[0] + bend, from[1], to[0] - bend, to[1], ...to);
  pen.stroke();
  pen.globalAlpha = 1;
}

// A link in a cell: a full dot where both models find it, a ring where one does; a halo keeps it apart from the colour.
export function drawDot(pen, palette, colours, who, x, y, size) {
  const radius = Math.max(2.5, Math.min(6, size * 0.2));
  pen.beginPath();
  pen.arc(x, y, radius + 2, 0, 2 * Math.PI);
  pen.fillStyle = palette.ground;
  pen.fill();
  pen.beginPath();
  pen.arc(x, y, who === "both" ? radius + 0.5 : radius, 0, 2 * Math.PI);
  if (who === "both") {
    pen.fillStyle = colours.both;
    pen.fill();
    return;
  }
  pen.strokeStyle = colours.sides[who];
  pen.lineWidth = 2.4;
  pen.stroke();
}

// What a link became against the layer before: a plus for a new one, a cross for one that is gone.
export function drawTurn(pen, palette, sign, x, y, size) {
  const arm = Math.max(3, Math.min(6, size * 0.2));
  const plus = [[-arm, 0, arm, 0], [0, -arm, 0, arm]];
  const cross = [[-arm, -arm, arm, arm], [-arm, arm, arm, -arm]];
  const lines = sign === "gained" ? plus : cross;
  for (const [width, colour] of [[5, palette.ground], [2.2, palette.ink]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.lineCap = "round";
    for (const [x1, y1, x2, y2] of lines) {
      pen.beginPath();
      pen.moveTo(x + x1, y + y1);
      pen.lineTo(x + x2, y + y2);
      pen.stroke();
    }
  }
}

// Gold in a cell: a frame, dashed where the link is only possible.
export function drawFrame(pen, palette, colours, gold, x, y, width, height) {
  for (const [line, colour] of [[4, palette.ground], [2.2, colours.gold]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = line;
    pen.setLineDash(gold === "sure" || line === 4 ? [] : [3, 3]);
    if (gold === "sure" || line !== 4) pen.strokeRect(x + 2, y + 2, width - 4, height - 4);
  }
  pen.setLineDash([]);
}
