// Numbers of a text in the making as people read them.

// Levels are the roots of weights, so that small ones stay apart.
export const weightOf = (level) => (level / 255) ** 2;

export function percentOf(share) {
  if (share < 0.001) return share > 0 ? "< 0.1\u00a0%" : "0\u00a0%";
  return `${(100 * share).toFixed(share >= 0.0995 ? 0 : 1)}\u00a0%`;
}
