// Bytes as short text and back: packed by gzip, written in base64.

// Fewer bytes of the same.
export async function packed(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const PART = 0x8000; // bytes: what one call may have as arguments

export function asText(bytes) {
  let letters = "";
  for (let at = 0; at < bytes.length; at += PART) letters += String.fromCharCode(...bytes.subarray(at, at + PART));
  return btoa(letters);
}

export const fromText = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
