// What layers and heads are called: by the model's own numbers, which leave layers out that do not attend.

export const layerName = (kind, layer) => String(kind.numbers[layer]);

const mapName = (head) => (typeof head === "number" ? head + 1 : head);

export function nameOf(kind, layer, head) {
  const name = layerName(kind, layer);
  if (typeof head === "number") return `Layer ${name} · head ${mapName(head)}`;
  return head === "mean" ? `Layer ${name} · mean of its heads` : `Rollout up to layer ${name}`;
}

export const shortName = (kind, layer, head) => `${layerName(kind, layer)}.${mapName(head)}`;
