// The look of each transport in a race: a colour and a mark of its own, so that neither is needed. Pure.

/** Okabe and Ito, "Color Universal Design" (2008), for a light ground and for a dark one. */
const COLOURS = [
  ["#0072B2", "#3FA9E8"],
  ["#D55E00", "#FF8A3D"],
  ["#009E73", "#2FCFA0"],
  ["#A14C7F", "#E39AC4"],
  ["#B07700", "#E69F00"],
  ["#2E86C1", "#8ED0F5"],
  ["#8A7F00", "#F0E442"],
  ["#3B3F46", "#E6E8EC"],
  ["#7A7F87", "#A9B0BA"],
] as const;

const corners = (count: number, turn: number, inner = 1): [number, number][] =>
  Array.from({ length: count }, (_, n) => {
    const angle = ((n / count) * 2 + turn) * Math.PI;
    const radius = n % 2 ? inner : 1;
    return [Math.sin(angle) * radius, -Math.cos(angle) * radius];
  });

/** Each as corners around (0, 0) with radius 1. */
const MARKS: readonly (readonly [number, number][])[] = [
  corners(12, 0),
  corners(4, 0.25, 1),
  corners(3, 0),
  corners(4, 0),
  corners(10, 0, 0.5),
  corners(3, 1),
  corners(8, 0, 0.42),
  corners(6, 0),
  corners(8, 0.25, 0.42),
];

/** How many transports can be told apart. */
export const LOOKS = MARKS.length;

/** `light-dark()` of CSS. */
export const colourOf = (index: number): string => {
  const [light, dark] = COLOURS[index % LOOKS]!;
  return `light-dark(${light}, ${dark})`;
};

/** The mark of a transport as a closed path around a point. */
export function markAt(index: number, x: number, y: number, radius: number): string {
  const points = MARKS[index % LOOKS]!.map(
    ([dx, dy]) => `${(x + dx * radius).toFixed(1)} ${(y + dy * radius).toFixed(1)}`,
  );
  return `M${points.join("L")}z`;
}
