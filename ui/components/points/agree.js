// On how many of each point's nearest both sides agree: 0 nothing alike, 1 the same neighbours.

export const AGREEMENT = "agreement";
export const LEVEL = 1000; // codes from here on are levels of a scale, not groups
const LEAST = 50; // of 255: no point is as pale as the ground

// Whether two sides have the same points, and neighbours where they stand now.
export function comparable(view) {
  const [one, other] = view.panes;
  return view.panes.length === 2 && one.side.count === other.side.count && one.frame?.each > 0 && other.frame?.each > 0;
}

// The share for every point, of the layers that are shown.
export function agreement(view) {
  if (!comparable(view)) return null;
  const [one, other] = view.panes.map((pane) => pane.frame);
  if (view.agreed?.one === one && view.agreed.other === other) return view.agreed.shares;
  const each = Math.min(one.each, other.each);
  const shares = Float32Array.from({ length: view.panes[0].side.count }, (_, i) => {
    const near = new Set(one.neighbours.subarray(i * one.each, i * one.each + each));
    let alike = 0;
    for (let k = 0; k < each; k += 1) alike += near.has(other.neighbours[i * other.each + k]);
    return alike / each;
  });
  view.agreed = { one, other, shares, each, mean: shares.reduce((sum, share) => sum + share, 0) / shares.length };
  return shares;
}

export const levelOfShare = (share) => Math.round(LEAST + (255 - LEAST) * share);

export function agreementCodes(view, pane) {
  const shares = agreement(view);
  if (!shares || !view.panes.includes(pane)) return null;
  if (view.agreed.codes === undefined) view.agreed.codes = Uint16Array.from(shares, (share) => LEVEL + levelOfShare(share));
  return view.agreed.codes;
}
