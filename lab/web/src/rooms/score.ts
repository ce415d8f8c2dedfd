// Room "score": a mixture in two dimensions, and three samplers.

import { call, Failed, floats, latest } from "../api";
import { button, choice, command, computation, el, numbers, slider, status, still } from "../dom";
import { color, Heat, short } from "../draw";
import * as state from "../state";

const square = { x0: 0, x1: 1, y0: 0, y1: 1 };
const shapes: Record<string, number[][]> = {
  two: [[0.25, 0.3, 4], [0.75, 0.72, 1]],
  ring: Array.from({ length: 24 }, (_, i) => [0.5 + 0.32 * Math.cos((i * Math.PI) / 12), 0.5 + 0.32 * Math.sin((i * Math.PI) / 12), 1]),
  grid: Array.from({ length: 9 }, (_, i) => [0.2 + 0.3 * (i % 3), 0.2 + 0.3 * Math.floor(i / 3), 1]),
};

export function score(section: HTMLElement): { open(): void } {
  const stage = section.querySelector("[data-stage]")!;
  const read = (): number[] => {
    const text = state.get("points", "");
    const p = text.split("_").map(Number);
    return text && p.length % 3 === 0 && p.every((v) => Number.isFinite(v)) ? p.slice(0, 1200) : shapes["two"]!.flat();
  };
  let points = read();
  let walk: any = null;
  let frame = 0;
  const changed = () => {
    stop();
    walk = null;
    paint();
    send(null);
  };
  const keep = () => state.set({ points: points.map((v) => +v.toFixed(3)).join("_") });
  const sigma = slider({ name: "sigma", label: "noise level σ", least: 0.01, most: 1, step: 0.01, value: 0.1, logarithmic: true, text: short }, () => send(null));
  const width = slider({ name: "width", label: "width of a mode", least: 0.01, most: 0.12, step: 0.005, value: 0.05 }, changed);
  const sampler = choice("sampler", "sampler", [
    ["langevin", "Langevin at one level"], ["annealed", "annealed Langevin"], ["few", "DPM-Solver++, few steps"]], "annealed", () => {
    steps.element.hidden = sampler.get() !== "few";
    changed();
  });
  const steps = slider({ name: "steps", label: "steps", least: 4, most: 40, step: 1, value: 12 }, changed);
  steps.element.hidden = sampler.get() !== "few";
  const shape = choice("shape", "start from", [["two", "two modes, 4 : 1"], ["ring", "a ring"], ["grid", "nine modes"]], "two", (v) => {
    points = shapes[v]!.flat();
    keep();
    changed();
  });
  const go = button("Draw 500 particles", () => void run(), true);
  const replay = button("Replay", () => play());
  const clear = button("Clear", () => { points = points.slice(-3); keep(); changed(); });
  const time = el("input", { type: "range", min: "0", max: "1", step: "1", value: "0", id: "score-time" });
  time.addEventListener("input", () => { stop(); frame = Number(time.value); paint(); });
  const line = status();
  const list = numbers(["evaluations a particle", "distance from the density", "of exact draws"]);
  const panels = el("div", { class: "panels wide" });
  stage.append(el("div", { class: "side" },
    el("div", { class: "controls" }, shape.element, width.element, sigma.element, sampler.element, steps.element,
      el("div", { class: "buttons" }, go, replay, clear),
      el("div", { class: "control" }, el("label", { for: "score-time" }, "time of the walk"), time)),
    list.element, line.element), panels);
  const plane = new Heat(panels, "Density p_σ and its score", "measurement", "", 72, 72, null, true, square);
  const particles = new Heat(panels, "Particles over the density at σ = 0", "measurement", "", 72, 72, null, false, square);
  let arrows: Float32Array = new Float32Array();
  let side = 18;
  plane.over = () => {
    let most = 0;
    for (let i = 0; i < arrows.length; i += 2) most = Math.max(most, Math.hypot(arrows[i]!, arrows[i + 1]!));
    const c = plane.c;
    c.lineWidth = 1.4;
    c.strokeStyle = "#e8590c";
    c.beginPath();
    for (let k = 0; k < arrows.length / 2; k++) {
      const [u, v] = [arrows[2 * k]!, arrows[2 * k + 1]!];
      const size = Math.hypot(u, v);
      if (!size) continue;
      const length = (0.85 / side) * Math.sqrt(size / most); // the root, so that short ones show
      const [x, y] = [((k % side) + 0.5) / side, (Math.floor(k / side) + 0.5) / side];
      const [dx, dy] = [(u / size) * length, (v / size) * length];
      const [x0, y0, x1, y1] = [plane.x(x - dx / 2), plane.y(y - dy / 2), plane.x(x + dx / 2), plane.y(y + dy / 2)];
      const a = Math.atan2(y1 - y0, x1 - x0), head = Math.min(5, 0.4 * Math.hypot(x1 - x0, y1 - y0));
      c.moveTo(x0, y0);
      c.lineTo(x1, y1);
      for (const turn of [2.6, -2.6]) {
        c.moveTo(x1, y1);
        c.lineTo(x1 + head * Math.cos(a + turn), y1 + head * Math.sin(a + turn));
      }
    }
    c.stroke();
    for (let i = 0; i < points.length; i += 3) plane.dot(points[i]!, points[i + 1]!, "#fff", 3);
  };
  particles.over = () => {
    if (!walk) return;
    const f = walk.frames[frame];
    for (let i = 0; i < f.length; i += 2) particles.dot(f[i], f[i + 1], "#ffb454", 2);
  };
  const paint = () => {
    plane.paint();
    particles.paint();
    time.disabled = replay.disabled = !walk;
    if (!walk) return;
    time.max = String(walk.frames.length - 1);
    time.value = String(frame);
    const at = frame < walk.sigmas.length ? `σ = ${short(walk.sigmas[frame])}` : "the draws";
    time.setAttribute("aria-valuetext", at);
    line.set(`Step ${Math.min(frame * walk.every, walk.evaluations)} of ${walk.evaluations}: ${at}.`);
    particles.label(`${walk.frames[frame].length / 2} particles, ${at}`);
  };

  const input = () => ({ points, width: width.get() });
  const walkInput = () => ({ ...input(), sampler: sampler.get(), steps: steps.get(), particles: 500, seed: 1 });
  const show = command(section.querySelector("[data-command]")!, "The same by commands");
  const send = latest<null>(async () => {
    try {
      const ask = async (s: number) => {
        let r: any;
        await call("score", { ...input(), sigma: s }, (v) => { r = v; });
        return r;
      };
      const r = await ask(sigma.get());
      show(computation("score", { ...input(), sigma: sigma.get() }) + "\n" + computation("walk", walkInput()));
      arrows = floats(r.arrows);
      side = r.arrow_side;
      plane.set(floats(r.density));
      const own = await ask(0.001);
      particles.set(floats(own.density));
      plane.label(`Density of ${points.length / 3} modes smoothed by σ = ${short(sigma.get())}, and its score as arrows`);
      section.dataset["shown"] = `${points.length / 3},${sigma.get()}`;
    } catch (e) {
      if (e instanceof Failed && !e.canceled) line.set(e.message, true);
    }
  });

  let request = 0;
  const stop = () => cancelAnimationFrame(request);
  const play = () => {
    stop();
    if (still.matches) { frame = walk.frames.length - 1; paint(); return; }
    const began = performance.now(), duration = 3000;
    const next = (now: number) => {
      // The time of a frame may be before the call.
      frame = Math.min(walk.frames.length - 1, Math.max(0, Math.floor(((now - began) / duration) * walk.frames.length)));
      paint();
      if (frame < walk.frames.length - 1) request = requestAnimationFrame(next);
    };
    request = requestAnimationFrame(next);
  };
  const run = async () => {
    line.set("Drawing …");
    try {
      await call("walk", walkInput(), (r) => {
        walk = { ...r, frames: r.frames.map(floats) };
        list.set([String(r.evaluations), r.distance.toFixed(3), r.floor.toFixed(3)]);
        section.dataset["walked"] = `${r.evaluations},${r.distance},${r.floor}`;
      });
      play();
    } catch (e) {
      if (e instanceof Failed && !e.canceled) line.set(e.message, true);
    }
  };

  // A drag near a mode moves it; elsewhere it draws new ones.
  let held = -1;
  plane.canvas.classList.add("hold");
  plane.canvas.addEventListener("pointerdown", (e) => {
    plane.canvas.setPointerCapture(e.pointerId);
    const [x, y] = plane.at(e);
    held = -1;
    for (let i = 0; i < points.length; i += 3) if (Math.hypot(points[i]! - x, points[i + 1]! - y) < 0.04) held = i;
    if (held < 0 && points.length < 1197) { held = points.length; points.push(x, y, 1); }
    move(e);
  });
  const move = (e: PointerEvent) => {
    if (held < 0) return;
    const [x, y] = plane.at(e).map((v) => Math.min(0.98, Math.max(0.02, v))) as [number, number];
    points[held] = x;
    points[held + 1] = y;
    keep();
    changed();
  };
  plane.canvas.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"] as const) plane.canvas.addEventListener(end, () => { held = -1; });
  state.onChange(() => { points = read(); });
  return { open() { paint(); send(null); } };
}
