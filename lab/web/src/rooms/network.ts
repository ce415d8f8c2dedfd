// Rooms "noise levels" and "annealing": the learned score beside the exact one.

import { address, call, Failed, floats, latest } from "../api";
import { button, check, choice, command, computation, el, numbers, slider, status, still } from "../dom";
import { Chart } from "../chart";
import { color, Heat, Panel, short } from "../draw";
import * as state from "../state";
import { contours } from "./inverse";

const n = 28;

// place returns the sliders of the measurement.
function place(changed: () => void) {
  const x = slider({ name: "x", label: "center from the left", unit: "cm", least: 0.2, most: 0.8, step: 0.01, value: 0.38, text: (v) => v.toFixed(2) }, changed);
  const y = slider({ name: "y", label: "center from the bottom", unit: "cm", least: 0.2, most: 0.8, step: 0.01, value: 0.6, text: (v) => v.toFixed(2) }, changed);
  return { x, y, input: () => ({ x: +x.get().toFixed(4), y: +y.get().toFixed(4), noise: 5, seed: state.getNumber("seed", 1, 0, 1e9) }) };
}

export function levels(section: HTMLElement): { open(): void } {
  const stage = section.querySelector("[data-stage]")!;
  let curves = "";
  const at = place(() => send(null));
  const sigma = slider({ name: "sigma", label: "noise level σ", least: 0.02, most: 10, step: 0.01, value: 0.5, logarithmic: true, text: short }, () => send(null));
  let z = state.getNumber("z", 1, 0, 1e9);
  const other = button("Another noise", () => { z++; state.set({ z }); send(null); });
  const line = status();
  const list = numbers(["error of the network", "irreducible error", "fields that share the weight"]);
  const panels = el("div", { class: "panels" });
  stage.append(el("div", { class: "side" }, el("div", { class: "controls" }, sigma.element, at.x.element, at.y.element, el("div", { class: "buttons" }, other)), list.element, line.element),
    el("div", {}, panels));
  const noisy = new Heat(panels, "x̃ = x + σz", "signed", "", n, n);
  const learned = new Heat(panels, "D of the network", "field", "", n, n, [0, 1]);
  const exact = new Heat(panels, "D* exact", "field", "", n, n, [0, 1]);
  const truth = new Heat(panels, "x", "field", "", n, n, [0, 1]);
  const difference = new Heat(panels, "D − D*", "difference", "", n, n);
  const chart = new Chart(panels, "RMS error over σ", { name: "σ", from: 0.02, to: 10, log: true }, { name: "RMS", from: 1e-4, to: 0.2, log: true }, [
    { name: "network: D − D*", color: "series-2", marks: true },
    { name: "irreducible: x − D*", color: "series-1", dash: [6, 3], marks: true },
  ], 1.2);
  const show = command(section.querySelector("[data-command]")!, "The same by commands");
  const rows: { sigma: number; network: number; irreducible: number }[] = [];
  const plot = () => {
    chart.mark = sigma.get();
    const sigmas = rows.map((r) => r.sigma);
    chart.set([[sigmas, rows.map((r) => r.network)], [sigmas, rows.map((r) => r.irreducible)]]);
  };
  const send = latest<null>(async () => {
    try {
      const input = at.input();
      show(computation("level", { ...input, sigma: sigma.get(), z }) + "\n" + computation("levels", input));
      await call("level", { ...input, sigma: sigma.get(), z }, (r) => {
        noisy.set(floats(r.noisy));
        const [d, e] = [floats(r.learned), floats(r.exact)];
        learned.set(d);
        exact.set(e);
        truth.set(floats(r.x));
        difference.set(d.map((v, k) => v - e[k]!));
        list.set([r.network_error.toFixed(4), r.irreducible.toFixed(4), r.fields.toFixed(1)]);
        learned.label(`Denoised by the network at σ = ${short(sigma.get())}: differs from the exact one by ${r.network_error.toFixed(4)} (RMS)`);
        section.dataset["shown"] = String(sigma.get());
      });
      plot();
      if (curves === JSON.stringify(input)) return;
      curves = JSON.stringify(input);
      rows.length = 0;
      line.set("Errors over σ …");
      await call("levels", input, (r) => { rows.push(r); plot(); });
      line.set("Each error is over 8 noisy draws of the exact posterior.");
      section.dataset["curves"] = String(rows.length);
    } catch (e) {
      curves = "";
      if (e instanceof Failed && !e.canceled) line.set(e.message, true);
    }
  });
  return { open() { line.set("Filling the table …"); send(null); } };
}

interface Chain { sigmas: number[]; centers: Float32Array; last: Float32Array; states: Float32Array | null; denoised: Float32Array | null }

export function anneal(section: HTMLElement): { open(): void } {
  const stage = section.querySelector("[data-stage]")!;
  const changed = () => { send(null); };
  const at = place(changed);
  const sampler = choice("sampler", "sampler", [["dpmpp2m", "DPM-Solver++(2M)"], ["heun", "Heun"], ["pc", "predictor–corrector"]], "dpmpp2m", changed);
  const many = slider({ name: "levels", label: "noise levels", least: 4, most: 40, step: 1, value: 12 }, changed);
  const chains = slider({ name: "chains", label: "chains", least: 4, most: 24, step: 1, value: 12 }, changed);
  const exact = check("exact", "use the exact score", false, changed);
  let start = state.getNumber("start", 1, 0, 1e9);
  const again = button("Other draws", () => { start++; state.set({ start }); changed(); });
  const playing = button("Play", () => (request ? stop() : play()), true);
  const back = button("◀", () => { stop(); show(frame - 1); });
  const forth = button("▶", () => { stop(); show(frame + 1); });
  back.setAttribute("aria-label", "one step back");
  forth.setAttribute("aria-label", "one step on");
  const time = el("input", { type: "range", min: "0", max: "11", step: "1", value: "0", id: "anneal-time" });
  time.addEventListener("input", () => { stop(); show(Number(time.value)); });
  const line = status();
  const list = numbers(["evaluations a draw", "σ", "pixels between 0.1 and 0.9"]);
  const big = el("div", { class: "panels" });
  const strip = el("div", { class: "panels small" });
  stage.append(
    el("div", { class: "side" }, el("div", { class: "controls" }, sampler.element, many.element, chains.element, exact.element, at.x.element, at.y.element,
      el("div", { class: "buttons" }, again, playing, back, forth),
      el("div", { class: "control" }, el("label", { for: "anneal-time" }, "step"), time)), list.element, line.element),
    el("div", {}, big, el("h2", {}, "Filmstrip of the first draw: denoised at each step"), strip));
  const noisy = new Heat(big, "The state x̃ of the first draw", "signed", "", n, n);
  const denoised = new Heat(big, "Denoised: D(x̃, y, σ)", "field", "", n, n, [0, 1]);
  const centers = new Panel(big, "Centers of all chains", { x0: 0.2, x1: 0.8, y0: 0.2, y1: 0.8 });
  const show1 = command(section.querySelector("[data-command]")!, "The same by a command");
  const all: Chain[] = [];
  let frame = 0;
  const small: Heat[] = [];
  centers.draw = () => {
    const [mx, my] = [at.x.get(), at.y.get()];
    const far = Math.max(0, ...all.flatMap((c) => [...c.centers].map((v, j) => Math.abs(v - (j % 2 ? my : mx)))).filter(Number.isFinite));
    let half = 0.03;
    while (half < 1.05 * far && half < 0.5) half *= 2;
    centers.extent = { x0: mx - half, x1: mx + half, y0: my - half, y1: my + half };
    legend.textContent = `Each line is a draw on its way; the cross is the true center. The exact posterior: 90 % (thin) and 50 % (thick). Side ${2 * half} cm.`;
    exactLines.forEach(([x, y], i) => centers.segments(x, y, color("faint"), i ? 1.2 : 3));
    centers.c.strokeStyle = color("hair");
    centers.c.strokeRect(0.5, 0.5, centers.width - 1, centers.height - 1);
    all.forEach((c, i) => {
      const style = color("series-" + ((i % 5) + 1));
      const k = Math.min(frame, c.sigmas.length - 1);
      centers.c.strokeStyle = style;
      centers.c.lineWidth = 1;
      centers.c.beginPath();
      for (let j = 0; j <= k; j++) {
        const [x, y] = [c.centers[2 * j]!, c.centers[2 * j + 1]!];
        if (Number.isFinite(x)) centers.c.lineTo(centers.x(x), centers.y(y));
      }
      centers.c.stroke();
      centers.dot(c.centers[2 * k]!, c.centers[2 * k + 1]!, style, 3);
    });
    centers.cross(at.x.get(), at.y.get(), color("ink"));
  };
  const legend = el("p", { class: "legend" });
  centers.figure.append(legend);
  let exactLines: [Float32Array, Float32Array][] = [];
  let measured = ""; // the measurement of exactLines
  const outline = async (input: unknown) => {
    const key = JSON.stringify(input);
    if (measured === key) return;
    measured = key;
    exactLines = [];
    await call("inverse", input, (r) => {
      if (measured !== key) return;
      exactLines = contours(r.posterior);
      section.dataset["contours"] = exactLines.map(([x]) => x.length / 2).join(",");
      centers.paint();
    });
  };
  const show = (k: number) => {
    const first = all[0];
    if (!first) return;
    const end = first.sigmas.length; // one more: the draw itself
    frame = Math.min(end, Math.max(0, k));
    time.max = String(end);
    time.value = String(frame);
    const size = n * n;
    const part = (a: Float32Array) => a.subarray(frame * size, (frame + 1) * size);
    const last = frame === end;
    noisy.set(last ? first.last : part(first.states!));
    const d = last ? first.last : part(first.denoised!);
    denoised.set(d);
    centers.paint();
    const level = last ? "0: the draw" : short(first.sigmas[frame]!);
    time.setAttribute("aria-valuetext", `step ${frame}, σ = ${level}`);
    list.set([String(end), level, String(d.filter((v) => v > 0.1 && v < 0.9).length)]);
    denoised.label(`Denoised field at step ${frame}, σ = ${level}`);
    section.dataset["frame"] = String(frame);
  };
  let request = 0;
  const stop = () => { cancelAnimationFrame(request); request = 0; playing.textContent = "Play"; };
  const play = () => {
    const end = all[0]?.sigmas.length ?? 0;
    if (still.matches) { show(end); return; }
    playing.textContent = "Pause";
    const from = frame >= end ? 0 : frame, began = performance.now();
    const next = (now: number) => {
      const k = from + Math.floor((now - began) / 350);
      if (k !== frame) show(k);
      if (k >= end) { stop(); return; }
      request = requestAnimationFrame(next);
    };
    request = requestAnimationFrame(next);
  };
  const film = () => {
    const first = all[0]!;
    while (small.length > first.sigmas.length) small.pop()!.figure.remove();
    first.sigmas.forEach((s, k) => {
      if (!small[k]) small[k] = new Heat(strip, "", "field", "", n, n, [0, 1], false);
      small[k]!.caption.textContent = "σ " + short(s);
      small[k]!.label(`Denoised field at σ = ${short(s)}`);
      small[k]!.set(first.denoised!.subarray(k * n * n, (k + 1) * n * n));
    });
  };
  const send = latest<null>(async () => {
    stop();
    const input = at.input();
    line.set(exact.get() ? "The exact posterior first …" : "Drawing …");
    let began = false;
    try {
      await call("anneal", { ...input, sampler: sampler.get(), levels: many.get(), chains: chains.get(), start, exact: exact.get() }, (r) => {
        if (!began) all.length = 0;
        began = true;
        all.push({ sigmas: r.sigmas, centers: floats(r.centers), last: floats(r.last), states: r.states ? floats(r.states) : null, denoised: r.denoised ? floats(r.denoised) : null });
        if (r.command) {
          show1(r.command, [["y.npy", address("/file/y.npy", input)]]);
          film();
        }
        line.set(`${all.length} of ${chains.get()} chains, by the ${exact.get() ? "exact score" : "network"}.`);
      });
      show(all[0]!.sigmas.length);
      section.dataset["shown"] = `${all.length},${exact.get()}`;
      await outline(input);
    } catch (e) {
      measured = "";
      if (e instanceof Failed && !e.canceled) line.set(e.message, true);
    }
  });
  return { open() { send(null); } };
}
