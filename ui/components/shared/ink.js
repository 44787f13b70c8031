// Any CSS colour as numbers.

const PIXEL = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });

// Red, green, blue in 0..255, laid over an opaque ground.
function readColour(text, ground = [255, 255, 255]) {
  const pen = PIXEL.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = `rgb(${ground.join(" ")})`;
  pen.fillRect(0, 0, 1, 1);
  pen.fillStyle = text;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}
