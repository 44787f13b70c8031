// What the window knows of saving: what the page offers as files, and how a file is handed out.

export const SAVING = "gaze:saving"; // something is about to be saved: what a picture chose must stand in the address

export const REDRAW = "gaze:redraw"; // every picture shall draw itself anew

// The pen of a canvas; while a picture is being saved it notes what it draws.
export const penOf = (canvas) => globalThis.gazeRecording?.pen(canvas) ?? canvas.getContext("2d");

export const isNoted = () => Boolean(globalThis.gazeRecording);

// offers: [{title, forms}]; caption: lines that say of what a picture is; send: asks the page for a file;
// asked, turn: numbers of the file asked for last, and of the one that came last; told: shows a sentence in the menu; refresh: fills it anew where it is open;
// paper: whether a dark screen is saved in the colours of print.
export function saving() {
  globalThis.gazeSaving ??= { offers: [], caption: [], page: "", send: null, asked: 0, turn: 0, told: null, refresh: null, paper: false };
  return globalThis.gazeSaving;
}

export function handOut(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
