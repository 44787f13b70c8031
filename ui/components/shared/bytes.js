// Bytes as short text and back: packed by gzip, written in base64.

// Fewer bytes of the same.
export async function packed(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// most: bytes; what holds more is an error before it fills the memory.
export async function unpacked(bytes, most = Infinity) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw new Error(`more than ${most} bytes`);
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

const PART = 0x8000; // bytes: what one call may have as arguments

export function asText(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += PART) letters += String.fromCharCode(...bytes.subarray(at, at + PART));
  return btoa(letters);
}

export const fromText = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
