// Room "inverse problem".

import { address, call, Failed, floats, latest } from "../api";
import { button, command, el, numbers, slider, status } from "../dom";
import { color, Heat, mesh, nodes, Panel } from "../draw";
import * as state from "../state";

const n = 28;
const radius = 0.12;
const magnified = 20;

// contours returns the lines of a posterior of the center: 50 %, then 90 %, each
// as x and y of the ends of segments.
export function contours(p: { contours: string[][] }): [Float32Array, Float32Array][] {
  return p.contours.map(([x, y]) => [floats(x ?? ""), floats(y ?? "")]);
}

interface Input { x: number; y: number; noise: number; seed: number }

export function inverse(section: HTMLElement): { open(): void } {
  const stage = section.querySelector("[data-stage]")!;
  const changed = () => { exact = null; send(input()); };
  const x = slider({ name: "x", label: "center from the left", unit: "cm", least: 0.2, most: 0.8, step: 0.002, value: 0.38, text: (v) => v.toFixed(3) }, changed);
  const y = slider({ name: "y", label: "center from the bottom", unit: "cm", least: 0.2, most: 0.8, step: 0.002, value: 0.6, text: (v) => v.toFixed(3) }, changed);
  const noise = slider({ name: "noise", label: "measurement noise", unit: "%", least: 1, most: 20, step: 0.1, value: 5, text: (v) => v.toFixed(1) }, changed);
  let seed = state.getNumber("seed", 1, 0, 1e9);
  const input = (): Input => ({ x: +x.get().toFixed(4), y: +y.get().toFixed(4), noise: +noise.get().toFixed(2), seed });
  const redrawNoise = button("Redraw noise", () => {
    seed = (seed + 1) % 1e9;
    state.set({ seed });
    changed();
  });
  const line = status();
  const list = numbers(["center, mean", "its standard deviation", "from table to picture", "exact posterior"]);
  const panels = el("div", { class: "panels" });
  stage.append(el("div", { class: "side" }, el("div", { class: "controls" }, x.element, y.element, noise.element, el("div", { class: "buttons" }, redrawNoise)), list.element, line.element), panels);

  const field = new Heat(panels, "x: shear modulus (drag the disc)", "field", "kPa", n, n, [0.1, 1.5]);
  const deformed = new Panel(panels, `Mesh, displacements × ${magnified}`, { x0: -0.16, x1: 1.16, y0: -0.24, y1: 1.08 });
  const measured = new Heat(panels, "y, minus a homogeneous square’s", "difference", "cm", n, n);
  const mean = new Heat(panels, "Posterior mean", "field", "kPa", n, n, [0.1, 1.5]);
  const std = new Heat(panels, "Posterior standard deviation", "spread", "kPa", n, n, [0, 0.7]);
  const center = new Panel(panels, "Posterior of the center", { x0: 0.2, x1: 0.8, y0: 0.2, y1: 0.8 });
  const show = command(section.querySelector("[data-command]")!, "The same by a command");

  let last: any = null;
  let exact: any = null;
  const shown = () => exact ?? last?.posterior;
  field.over = () => {
    field.circle(x.get(), y.get(), radius, "#fff", 1.5);
    field.cross(x.get(), y.get(), "#fff");
  };
  for (const p of [mean, std]) p.over = () => p.circle(x.get(), y.get(), radius, "#fff", 1);
  deformed.draw = () => {
    if (!last) return;
    const { x0, x1 } = nodes(n);
    deformed.c.strokeStyle = color("faint");
    deformed.c.setLineDash([3, 3]);
    deformed.c.strokeRect(deformed.x(0), deformed.y(1), deformed.x(x1) - deformed.x(x0), deformed.y(0) - deformed.y(1));
    deformed.c.setLineDash([]);
    mesh(deformed, n, last.ux, last.uy, magnified, color("ink"));
  };
  const scale = el("p", { class: "legend" });
  center.figure.append(scale);
  center.draw = () => {
    const p = shown();
    if (!p) return;
    // The side of the picture is the prior's, halved while the posterior fits.
    let side = 0.6;
    while (side / 2 > 9 * Math.max(p.width[0], p.width[1])) side /= 2;
    const from = (v: number) => Math.min(Math.max(v - side / 2, 0.2), 0.8 - side);
    const [x0, y0] = [from(p.theta[0]), from(p.theta[1])];
    center.extent = { x0, x1: x0 + side, y0, y1: y0 + side };
    center.c.strokeStyle = color("hair");
    center.c.lineWidth = 1;
    center.c.strokeRect(0.5, 0.5, center.width - 1, center.height - 1);
    center.segments(p.contours[1][0], p.contours[1][1], color("series-1"), 1.2);
    center.segments(p.contours[0][0], p.contours[0][1], color("series-1"), 3);
    center.cross(x.get(), y.get(), color("series-2"), 8);
    center.dot(p.theta[0], p.theta[1], color("series-1"), 4);
    scale.textContent = `90 % (thin) and 50 % (thick); dot: mean, cross: truth. Side ${side} cm.`;
  };

  const parse = (p: any) => ({ ...p, mean: floats(p.mean), std: floats(p.std), contours: contours(p) });
  const paint = () => {
    const p = shown();
    if (!p || !last) return;
    field.set(last.x);
    measured.set(last.residual);
    mean.set(p.mean);
    std.set(p.std);
    deformed.paint();
    center.paint();
    const place = `${p.theta[0].toFixed(3)}, ${p.theta[1].toFixed(3)} cm`;
    mean.label(`Posterior mean of the shear modulus; the center is at ${place}`);
    std.label(`Posterior standard deviation of the shear modulus, at most ${Math.max(...p.std).toFixed(2)} kPa`);
    center.label(`Posterior of the center: mean ${place}, standard deviations ${p.width[0].toFixed(3)} and ${p.width[1].toFixed(3)} cm`);
    section.dataset["center"] = p.theta.join(",");
    list.set([place, `${p.width[0].toFixed(4)}, ${p.width[1].toFixed(4)} cm`, last.speed, exact ? exact.text : "after you let go"]);
  };

  const refine = async (at: Input, whole: any) => {
    const same = () => JSON.stringify(at) === JSON.stringify(input());
    if (!same()) return;
    try {
      await call("exact", at, (r) => {
        if (!same() || last !== whole) return;
        exact = { ...parse(r.posterior), text: `${r.solves} solves${r.kept ? `, ${r.kept} kept` : ""}, ${r.seconds.toFixed(1)} s` };
        line.set(`Exact: refining once more would change the mean by ${r.error_mean.toExponential(1)} (RMS, of the prior's range).`);
        paint();
        section.dataset["exact"] = "1";
      });
    } catch (e) {
      if (e instanceof Failed && !e.canceled) line.set("The exact posterior: " + e.message, true);
    }
  };
  let idle = 0;
  const send = latest<Input>(async (at) => {
    const began = performance.now();
    clearTimeout(idle);
    delete section.dataset["exact"];
    try {
      await call("inverse", at, (r) => {
        exact = null;
        const uy = floats(r.uy), y = floats(r.measured);
        const residual = new Float32Array(n * n);
        for (let k = 0; k < residual.length; k++) residual[k] = y[k]! + (0.01 * Math.floor(k / n)) / (n - 1);
        last = { ...r, x: floats(r.x), ux: floats(r.ux), uy, residual, posterior: parse(r.posterior), speed: "" };
        last.speed = `${(performance.now() - began).toFixed(0)} ms`;
        paint();
        section.dataset["repaint"] = String(performance.now() - began);
        section.dataset["shown"] = `${at.x},${at.y},${at.noise},${at.seed}`;
        line.set(r.coarse
          ? "The posterior is narrower than the table's cells: wait for the exact one."
          : `From a table of ${r.table_solves} solves; forward solve ${r.solve_ms.toFixed(2)} ms, posterior ${r.posterior_ms.toFixed(1)} ms.`);
        show(r.command, [["y.npy", address("/file/y.npy", { ...at })], ["x.npy", address("/file/x.npy", { ...at })]]);
      });
      const whole = last;
      idle = setTimeout(() => void refine(at, whole), 400);
    } catch (e) {
      if (e instanceof Failed && !e.canceled) line.set(e.message, true);
    }
  });

  let holds = false;
  const move = (e: PointerEvent) => {
    const [px, py] = field.at(e);
    x.set(px);
    y.set(py);
    state.set({ x: +x.get().toFixed(4), y: +y.get().toFixed(4) });
    changed();
  };
  field.canvas.classList.add("hold");
  field.canvas.addEventListener("pointerdown", (e) => { holds = true; field.canvas.setPointerCapture(e.pointerId); move(e); });
  field.canvas.addEventListener("pointermove", (e) => { if (holds) move(e); });
  for (const end of ["pointerup", "pointercancel"] as const) field.canvas.addEventListener(end, () => { holds = false; });
  state.onChange(() => { seed = state.getNumber("seed", 1, 0, 1e9); });

  return { open() { line.set(last ? "" : "Filling the table …"); send(input()); } };
}
