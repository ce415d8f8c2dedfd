// Heat maps, lines and meshes on canvas, with the colors of the reports.

import { bytes, config } from "./api";
import { el } from "./dom";

export type MapName = "field" | "spread" | "measurement" | "difference" | "signed";

const maps = new Map<string, Uint8Array>();

function palette(name: MapName): Uint8Array {
  let p = maps.get(name);
  if (!p) maps.set(name, (p = bytes(config.maps[name]!)));
  return p;
}

// color returns a color of the style sheet.
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

export interface Extent { x0: number; x1: number; y0: number; y1: number }

// nodes is the extent of values on the nodes of a unit square: their cells
// reach out by half a spacing.
export function nodes(n: number): Extent {
  const h = 0.5 / (n - 1);
  return { x0: -h, x1: 1 + h, y0: -h, y1: 1 + h };
}

const panels = new Set<Panel>();

// redraw paints all panels again, as after a change of size or theme.
export function redraw(): void {
  for (const p of panels) p.paint();
}

const resized = new ResizeObserver((entries) => {
  for (const e of entries) for (const p of panels) if (p.canvas === e.target) p.paint();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

// Panel is a figure with a square canvas. draw paints it in coordinates of extent, y
// upward.
export class Panel {
  readonly figure: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly caption: HTMLElement;
  readonly c: CanvasRenderingContext2D;
  draw: () => void = () => {};
  width = 0;
  height = 0;

  constructor(parent: Element, title: string, public extent: Extent) {
    this.canvas = el("canvas", { role: "img", "aria-label": title });
    this.caption = el("figcaption", {}, title);
    this.figure = el("figure", {}, this.caption, this.canvas);
    this.c = this.canvas.getContext("2d")!;
    parent.append(this.figure);
    panels.add(this);
    resized.observe(this.canvas);
  }

  label(text: string): void {
    if (this.canvas.getAttribute("aria-label") !== text) this.canvas.setAttribute("aria-label", text);
  }

  paint(): void {
    const scale = devicePixelRatio || 1;
    const width = this.canvas.clientWidth;
    if (!width) return;
    const side = Math.round(width * scale);
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    this.width = width;
    this.height = width;
    this.c.setTransform(scale, 0, 0, scale, 0, 0);
    this.c.clearRect(0, 0, width, width);
    this.draw();
  }

  x(v: number): number { return ((v - this.extent.x0) / (this.extent.x1 - this.extent.x0)) * this.width; }
  y(v: number): number { return (1 - (v - this.extent.y0) / (this.extent.y1 - this.extent.y0)) * this.height; }

  // at returns the coordinates of a pointer.
  at(e: { clientX: number; clientY: number }): [number, number] {
    const r = this.canvas.getBoundingClientRect();
    const { x0, x1, y0, y1 } = this.extent;
    return [x0 + ((e.clientX - r.left) / r.width) * (x1 - x0), y1 - ((e.clientY - r.top) / r.height) * (y1 - y0)];
  }

  circle(x: number, y: number, radius: number, style: string, width = 1.5): void {
    this.c.beginPath();
    this.c.arc(this.x(x), this.y(y), Math.abs(this.x(x + radius) - this.x(x)), 0, 2 * Math.PI);
    this.c.strokeStyle = style;
    this.c.lineWidth = width;
    this.c.stroke();
  }

  cross(x: number, y: number, style: string, size = 6): void {
    const [px, py] = [this.x(x), this.y(y)];
    this.c.beginPath();
    this.c.moveTo(px - size, py);
    this.c.lineTo(px + size, py);
    this.c.moveTo(px, py - size);
    this.c.lineTo(px, py + size);
    this.c.strokeStyle = style;
    this.c.lineWidth = 2;
    this.c.stroke();
  }

  dot(x: number, y: number, style: string, radius = 2): void {
    this.c.beginPath();
    this.c.arc(this.x(x), this.y(y), radius, 0, 2 * Math.PI);
    this.c.fillStyle = style;
    this.c.fill();
  }

  // segments draws line segments of two points each.
  segments(x: ArrayLike<number>, y: ArrayLike<number>, style: string, width: number): void {
    this.c.beginPath();
    for (let i = 0; i + 1 < x.length; i += 2) {
      this.c.moveTo(this.x(x[i]!), this.y(y[i]!));
      this.c.lineTo(this.x(x[i + 1]!), this.y(y[i + 1]!));
    }
    this.c.strokeStyle = style;
    this.c.lineWidth = width;
    this.c.stroke();
  }
}

// Heat is a panel with a heat map and its color bar. Row 0 is at the bottom.
export class Heat extends Panel {
  values: ArrayLike<number> = [];
  over: () => void = () => {};
  private image = document.createElement("canvas");
  private low = el("span");
  private high = el("span");
  private strip = el("canvas", { "aria-hidden": "true" });

  constructor(
    parent: Element, title: string, readonly map: MapName, readonly unit: string, public rows: number, public cols: number,
    public limits: [number, number] | null = null, bar = true, extent: Extent = nodes(rows),
  ) {
    super(parent, title, extent);
    if (bar) this.figure.append(el("div", { class: "bar" }, this.low, this.strip, this.high));
    const p = palette(map);
    this.strip.width = p.length / 3;
    this.strip.height = 1;
    const c = this.strip.getContext("2d")!;
    const data = c.createImageData(p.length / 3, 1);
    for (let i = 0; i < p.length / 3; i++) data.data.set([p[3 * i]!, p[3 * i + 1]!, p[3 * i + 2]!, 255], 4 * i);
    c.putImageData(data, 0, 0);
    this.draw = () => this.heat();
  }

  set(values: ArrayLike<number>): void {
    this.values = values;
    this.paint();
  }

  private heat(): void {
    const { rows, cols, values } = this;
    if (values.length !== rows * cols) return;
    const p = palette(this.map), n = p.length / 3;
    let [lo, hi] = this.limits ?? [Infinity, -Infinity];
    if (!this.limits) {
      for (let i = 0; i < values.length; i++) {
        lo = Math.min(lo, values[i]!);
        hi = Math.max(hi, values[i]!);
      }
      if (this.map === "difference" || this.map === "signed") {
        hi = Math.max(Math.abs(lo), Math.abs(hi), 1e-12);
        lo = -hi;
      }
    }
    const span = hi > lo ? hi - lo : 1;
    this.image.width = cols;
    this.image.height = rows;
    const c = this.image.getContext("2d")!;
    const image = c.createImageData(cols, rows);
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        const v = Math.min(n - 1, Math.max(0, Math.floor(((values[row * cols + col]! - lo) / span) * n)));
        const at = 4 * ((rows - 1 - row) * cols + col);
        image.data[at] = p[3 * v]!;
        image.data[at + 1] = p[3 * v + 1]!;
        image.data[at + 2] = p[3 * v + 2]!;
        image.data[at + 3] = 255;
      }
    }
    c.putImageData(image, 0, 0);
    this.c.imageSmoothingEnabled = false;
    this.c.drawImage(this.image, 0, 0, this.width, this.height);
    const unit = this.unit ? " " + this.unit : "";
    this.low.textContent = short(lo) + unit;
    this.high.textContent = short(hi) + unit;
    this.over();
  }
}

// short writes a number with three digits.
export function short(v: number): string {
  if (!Number.isFinite(v)) return "–";
  if (v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5)) return v.toExponential(1).replace(/^1\.0e/, "10^").replace("e", "·10^").replace("^+", "^").replace(/\^(-?\d+)$/, (_, d: string) => [...d].map((ch) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(ch)] ?? "⁻").join(""));
  return String(+v.toPrecision(3)).replace("-", "−");
}

// mesh draws a grid of triangles with moved nodes.
export function mesh(p: Panel, n: number, ux: ArrayLike<number>, uy: ArrayLike<number>, by: number, style: string): void {
  const at = (row: number, col: number): [number, number] => {
    const k = row * n + col;
    return [p.x(col / (n - 1) + by * ux[k]!), p.y(row / (n - 1) + by * uy[k]!)];
  };
  p.c.beginPath();
  for (let row = 0; row < n; row++) {
    for (let col = 0; col < n; col++) {
      if (col + 1 < n) { p.c.moveTo(...at(row, col)); p.c.lineTo(...at(row, col + 1)); }
      if (row + 1 < n) { p.c.moveTo(...at(row, col)); p.c.lineTo(...at(row + 1, col)); }
      if (row + 1 < n && col + 1 < n) { p.c.moveTo(...at(row, col)); p.c.lineTo(...at(row + 1, col + 1)); }
    }
  }
  p.c.strokeStyle = style;
  p.c.lineWidth = 0.7;
  p.c.stroke();
}
