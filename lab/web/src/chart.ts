// Charts of curves and bars, by uPlot, with the colors of the reports.

import uPlot from "../uplot";
import { el } from "./dom";
import { color, short } from "./draw";

export interface Axis {
  name: string;
  from: number;
  to: number;
  log?: boolean;
}

export interface Curve {
  name: string; // in the legend; without a name there is no legend
  color: string; // a variable of the style sheet
  dash?: number[];
  marks?: boolean;
  bars?: boolean; // outlines, one for each value
}

// Points are the values of a curve.
export type Points = [x: ArrayLike<number>, y: ArrayLike<number>];

// Chart is a figure with curves over axes. The mouse and the arrow keys read
// values off: the legend shows them.
export class Chart {
  readonly figure: HTMLElement;
  mark: number | null = null; // a vertical line
  band: [number, number] | null = null; // a horizontal stripe
  private readonly place = el("div", { class: "plot" });
  private readonly heard = el("span", { class: "heard", role: "status" });
  private readonly named: boolean;
  private data: uPlot.AlignedData;
  private plot: uPlot | null = null;
  private font = 0;

  constructor(
    parent: Element, private title: string, readonly x: Axis, readonly y: Axis, readonly curves: Curve[], readonly aspect = 1.55,
  ) {
    this.named = curves.some((c) => c.name);
    this.data = this.empty();
    this.figure = el("figure", { class: "chart" }, el("figcaption", {}, title), this.place, this.heard);
    parent.append(this.figure);
    new ResizeObserver(() => this.paint()).observe(this.figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plot?.redraw());
    this.place.addEventListener("keydown", (e) => this.step(e));
    this.place.addEventListener("blur", () => this.plot?.setCursor({ left: -10, top: -10 }), true);
  }

  set(points: Points[]): void {
    const joined = uPlot.join(points.map(([x, y]) => [Array.from(x), Array.from(y)]));
    this.data = joined[0].length ? joined : this.empty();
    if (this.plot) this.plot.setData(this.data);
    else this.paint();
  }

  label(text: string): void {
    this.title = text;
    this.plot?.root.setAttribute("aria-label", text);
  }

  private empty(): uPlot.AlignedData {
    return [[this.x.from, this.x.to], ...this.curves.map(() => [undefined, undefined])];
  }

  // paint fits the chart to the width and the text size of the page.
  private paint(): void {
    const width = this.place.clientWidth;
    if (!width) return;
    const font = Math.round(0.75 * parseFloat(getComputedStyle(document.documentElement).fontSize));
    const size = { width, height: Math.round(width / this.aspect) };
    if (this.plot && font === this.font) {
      if (this.plot.width !== width) this.plot.setSize(size);
      return;
    }
    this.font = font;
    this.plot?.destroy();
    this.plot = new uPlot({ ...size, ...this.options(font) }, this.data, this.place);
    const { root } = this.plot;
    root.setAttribute("role", "img");
    root.setAttribute("aria-label", this.title);
    if (this.named) root.tabIndex = 0;
  }

  private options(font: number): Omit<uPlot.Options, "width" | "height"> {
    const text = `${font}px ${getComputedStyle(this.figure).fontFamily}`;
    const axis = (a: Axis, size: number): uPlot.Axis => ({
      label: a.name, font: text, labelFont: text, labelSize: 1.5 * font, size, gap: 4,
      stroke: () => color("soft"), ticks: { show: false },
      // Lines stand at the numbers only.
      grid: { stroke: () => color("hair"), width: 1, filter: (u, splits, i, space, step) => (u.axes[i]!.filter as uPlot.Axis.Filter)(u, splits, i, space, step) },
      values: (_, splits) => splits.map((v) => (v === null ? "" : short(v))),
    });
    const scale = (a: Axis): uPlot.Scale => ({ time: false, distr: a.log ? 3 : 1, range: () => [a.from, a.to] });
    const value = (_: uPlot, v: number | null) => (v === null ? "" : short(v));
    return {
      scales: { x: scale(this.x), y: scale(this.y) },
      axes: [axis(this.x, 1.8 * font), axis(this.y, 3.2 * font)],
      series: [{ label: this.x.name, value }, ...this.curves.map((c): uPlot.Series => ({
        label: c.name, value, width: 2, stroke: () => color(c.color), dash: c.dash,
        points: { show: c.marks ?? false, size: 6, fill: () => color(c.color) },
        paths: c.bars ? uPlot.paths.bars!({ size: [1, Infinity] }) : undefined,
      }))],
      legend: {
        show: this.named, mount: (_, table) => this.figure.append(table),
        markers: { width: 0, fill: (_, i) => pattern(this.curves[i - 1]!) },
      },
      cursor: { show: this.named, y: false, drag: { x: false, y: false } },
      hooks: { drawClear: [(u) => this.stripe(u)], draw: [(u) => this.line(u)] },
    };
  }

  private stripe(u: uPlot): void {
    if (!this.band) return;
    const [low, high] = this.band.map((v) => u.valToPos(v, "y", true)) as [number, number];
    u.ctx.fillStyle = color("hair");
    u.ctx.fillRect(u.bbox.left, high, u.bbox.width, low - high);
  }

  private line(u: uPlot): void {
    if (this.mark === null) return;
    const x = u.valToPos(this.mark, "x", true);
    u.ctx.strokeStyle = color("soft");
    u.ctx.lineWidth = uPlot.pxRatio;
    u.ctx.beginPath();
    u.ctx.moveTo(x, u.bbox.top);
    u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
  }

  // step moves the cursor to the next value, and says it.
  private step(e: KeyboardEvent): void {
    const by = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
    if (!by || !this.plot) return;
    e.preventDefault();
    const u = this.plot, x = u.data[0];
    const i = Math.min(x.length - 1, Math.max(0, (u.cursor.idx ?? (by > 0 ? -1 : x.length)) + by));
    u.setCursor({ left: u.valToPos(x[i]!, "x"), top: 0 });
    this.heard.textContent = [this.x, ...this.curves].map(({ name }, k) => {
      const at = u.cursor.idxs![k];
      const v = at === null || at === undefined ? null : u.data[k]![at];
      return `${name} ${v === null || v === undefined ? "–" : short(v)}`;
    }).join(", ");
  }
}

// pattern is the dashes of a curve as a background.
function pattern(c: Curve): string {
  let at = 0;
  const parts = (c.dash ?? [1]).map((length, i) => `${i % 2 ? "transparent" : `var(--${c.color})`} ${at}px ${(at += length)}px`);
  return `repeating-linear-gradient(90deg, ${parts.join(", ")})`;
}
