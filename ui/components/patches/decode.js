// The message as values, and rows of weights out of whichever part they lie in.

import { unpack } from "../shared/message.js";

const TABLES = { 8: new Float32Array(256), 16: new Float32Array(65536) };
for (const table of Object.values(TABLES)) {
  const most = table.length - 1;
  table.forEach((_, code) => { table[code] = (code / most) ** 2; });
}

export const ALL = -1; // who asks: all patches on average, as the classifier does where there is no class token

export function decode(bytes) {
  const { header, arrays: { picture, ...weights } } = unpack(bytes);
  const parts = Object.fromEntries(Object.entries(weights).map(([name, { values }]) => [name, codesOf(values)]));
  return { header, picture: picture.values, parts };
}

const codesOf = (codes) => ({ bits: 8 * codes.BYTES_PER_ELEMENT, codes });
export const asCodes = (buffer, bits) => codesOf(bits === 16 ? new Uint16Array(buffer) : new Uint8Array(buffer));

function cut({ bits, codes }, first, count) {
  const found = new Float32Array(count);
  for (let k = 0; k < count; k += 1) found[k] = TABLES[bits][codes[first + k]];
  return found;
}

export const startOf = ({ first, reading }) => (reading ? reading.word : first.length ? 0 : ALL);

// Which of the rows that came with the message is this token's; beyond them it has none there.
const knownRow = ({ first, reading }, token) => (reading ? token - reading.word : first.length ? token : token + 1);

// Where a token looks in one head, by token, or null while that is not here.
function headRow(view, layer, head, token) {
  const { header, parts } = view.data;
  const { heads, tokens, queries, first } = header;
  if (token === ALL && first.length) return averageRow(view, layer, head);
  const known = knownRow(header, token);
  if (known < queries) return cut(parts.rows, ((layer * heads + head) * queries + known) * tokens, tokens);
  if (parts.maps) return cut(parts.maps, ((layer * heads + head) * tokens + token) * tokens, tokens);
  const whole = view.fetched.get(`layer ${layer}`);
  if (whole) return cut(whole, (head * tokens + token) * tokens, tokens);
  const one = view.fetched.get(`head ${layer} ${head}`);
  return one ? cut(one, token * tokens, tokens) : null;
}

// Where the patches look on average, kept: every head of the overview asks for it whenever that is drawn.
function averageRow(view, layer, head) {
  const name = `${layer} ${head}`;
  const row = view.averages.get(name) || meanOf(patchTokens(view.data.header).map((one) => attentionRow(view, layer, head, one)));
  if (row) view.averages.set(name, row);
  return row;
}

const patchTokens = ({ first, tokens }) => upTo(tokens - first.length).map((one) => one + first.length);

function meanOf(rows) {
  if (rows.some((row) => !row)) return null;
  const sum = new Float32Array(rows[0].length);
  for (const row of rows) row.forEach((value, key) => { sum[key] += value / rows.length; });
  return sum;
}

export const upTo = (count) => Array.from({ length: count }, (_, k) => k);

export function attentionRow(view, layer, head, token) {
  if (head !== "mean") return headRow(view, layer, head, token);
  const { tokens, first } = view.data.header;
  const whole = view.fetched.get(`head ${layer} mean`);
  if (whole && token === ALL && first.length) return averageRow(view, layer, head);
  if (whole && token !== ALL) return cut(whole, token * tokens, tokens);
  return meanOf(upTo(view.data.header.heads).map((one) => headRow(view, layer, one, token)));
}

export const rolloutName = ({ fusion, discard, residual }) => `rollout ${fusion} ${discard} ${residual}`;

function rolloutRow(view, token) {
  const { tokens } = view.data.header;
  const whole = view.fetched.get(rolloutName(view.choice));
  if (!whole) return null;
  if (token !== ALL) return cut(whole, token * tokens, tokens);
  return meanOf(patchTokens(view.data.header).map((one) => cut(whole, one * tokens, tokens)));
}

// What the large picture shows, by token, or null while that is not here.
export function currentRow(view) {
  const { of, layer, head, token, label } = view.choice;
  if (of === "rollout") return rolloutRow(view, token);
  if (of === "relevance") return view.relevance.get(label) || null;
  return attentionRow(view, layer, head, token);
}

export const onPatches = (view, row) => row && row.subarray(view.data.header.first.length);

// Keeps the newest maps, up to so many bytes.
const MOST_KEPT = 26e6;

export function keep(view, name, part) {
  view.fetched.set(name, part);
  let size = 0;
  for (const one of view.fetched.values()) size += one.codes.byteLength;
  for (const [old, one] of view.fetched) {
    if (size <= MOST_KEPT || old === name) break;
    size -= one.codes.byteLength;
    view.fetched.delete(old);
  }
}
