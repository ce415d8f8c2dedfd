// Room "training": a network learns, and one draw sharpens.

import { call, Failed, floats } from "../api";
import { button, choice, command, el, numbers, slider, status } from "../dom";
import { Chart } from "../chart";
import { Heat, short } from "../draw";
import * as state from "../state";

export function training(section: HTMLElement): { open(): void } {
  const stage = section.querySelector("[data-stage]")!;
  const channels = choice("channels", "channels of the network", [["8", "8"], ["16", "16"], ["24", "24"]], "8", () => idle());
  const optimizer = choice("muon", "optimizer", [["1", "Muon in hidden layers"], ["0", "Adam alone"]], "1", () => idle());
  const targets = choice("neighbors", "target of a pair", [["0", "its own field"], ["32", "mean over 32 neighbors"]], "0", () => idle());
  const steps = slider({ name: "steps", label: "steps", least: 60, most: 480, step: 60, value: 240 }, () => idle());
  let seed = state.getNumber("seed", 1, 0, 1e9);
  const start = button("Train", () => void train(), true);
  const stop = button("Stop", () => running?.abort());
  const other = button("Another measurement", () => { seed = (seed + 1) % 1e9; state.set({ seed }); void train(); });
  const line = status();
  const list = numbers(["held-out loss", "least possible, at this measurement", "parameters"]);
  const charts = el("div", { class: "panels wide" });
  const panels = el("div", { class: "panels" });
  const strip = el("div", { class: "panels small" });
  stage.append(
    el("div", { class: "side" }, el("div", { class: "controls" }, channels.element, optimizer.element, targets.element, steps.element,
      el("div", { class: "buttons" }, start, stop, other)), list.element, line.element),
    el("div", {}, panels, el("h2", {}, "The same draw after each stretch of the training"), strip, charts));
  const n = 16;
  const truth = new Heat(panels, "x: the true field", "field", "kPa", n, n, [0.1, 1.5]);
  const mean = new Heat(panels, "Exact posterior mean", "field", "kPa", n, n, [0.1, 1.5]);
  const draw = new Heat(panels, "A draw by the network", "field", "kPa", n, n, [0.1, 1.5]);
  const loss = new Chart(charts, "Loss per pixel over the steps", { name: "step", from: 0, to: 240 }, { name: "loss per pixel", from: 0.005, to: 1, log: true }, [
    { name: "training", color: "series-1", dash: [6, 3] },
    { name: "held out", color: "series-2", marks: true },
  ]);
  const levels = new Chart(charts, "Loss per pixel over σ, at this measurement", { name: "σ", from: 0.02, to: 10, log: true }, { name: "loss per pixel", from: 1e-4, to: 2, log: true }, [
    { name: "network", color: "series-2", marks: true },
    { name: "exact score: nothing has less", color: "series-1", dash: [6, 3], marks: true },
  ]);
  const show = command(section.querySelector("[data-command]")!, "The same by a command");

  let running: AbortController | null = null;
  let first: any = null;
  let batch: { step: number; loss: number }[] = [];
  let kept: { step: number; held: number; network: number[]; exact: (number | null)[]; draw: Float32Array }[] = [];
  const small: Heat[] = [];
  const idle = () => {
    running?.abort();
    line.set("Press Train to start with these settings.");
  };
  const smooth = () => { // mean of the logarithm, from the start
    let at = 0, weight = 0;
    return batch.map((b) => {
      at = 0.85 * at + 0.15 * Math.log(b.loss);
      weight = 0.85 * weight + 0.15;
      return Math.exp(at / weight);
    });
  };
  const paint = () => {
    if (!first) return;
    truth.set(first.x);
    mean.set(first.mean);
    const last = kept[kept.length - 1];
    const end = steps.get();
    loss.x.to = end;
    loss.set([[batch.map((b) => b.step), smooth()], [kept.map((k) => k.step), kept.map((k) => k.held)]]);
    if (!last) return;
    draw.set(last.draw);
    const { sigmas } = first as { sigmas: number[] };
    const known = sigmas.filter((_, i) => last.exact[i] !== null);
    [levels.x.from, levels.x.to] = [sigmas[0]!, sigmas[sigmas.length - 1]!];
    levels.set([[sigmas, last.network], [known, last.exact.filter((v) => v !== null)]]);
    const least = last.exact.reduce((sum: number, v) => sum + (v ?? NaN), 0) / last.exact.length;
    list.set([short(last.held), short(least), String(first.parameters)]);
    draw.label(`Draw by the network after ${last.step} steps`);
    levels.label(`Loss by noise level after ${last.step} steps; held-out loss ${short(last.held)} per pixel`);
  };
  const train = async () => {
    running?.abort();
    const mine = (running = new AbortController());
    batch = [];
    kept = [];
    while (small.length) small.pop()!.figure.remove();
    stop.disabled = false;
    line.set("Making pairs of fields and measurements …");
    try {
      await call("training", {
        seed, channels: Number(channels.get()), muon: optimizer.get() === "1", neighbors: Number(targets.get()), steps: steps.get(),
      }, (r) => {
        if (mine.signal.aborted) return;
        if (r.rows) {
          first = { ...r, x: floats(r.x), mean: floats(r.mean) };
          show(r.command);
          line.set(`Training on ${r.pairs} pairs …`);
        } else if (r.step) {
          if (r.loss !== null) batch.push({ step: r.step, loss: r.loss });
          line.set(`Step ${r.step} of ${first.steps}, ${r.seconds.toFixed(0)} s.`);
        } else {
          kept.push({ step: r.stretch, held: r.held_out, network: r.network, exact: r.exact, draw: floats(r.draw) });
          const h = new Heat(strip, `step ${r.stretch}`, "field", "", n, n, [0.1, 1.5], false);
          h.label(`The draw after ${r.stretch} steps`);
          h.set(floats(r.draw));
          small.push(h);
          section.dataset["stretches"] = String(kept.length);
        }
        requestAnimationFrame(paint);
        section.dataset["shown"] = String(batch.length);
      }, mine.signal);
      line.set(`${first.steps} steps are done. The command below makes the same network, with a report.`);
    } catch (e) {
      if (mine === running && mine.signal.aborted) line.set("Stopped.");
      else if (e instanceof Failed && !e.canceled) line.set(e.message, true);
    }
    if (mine === running) stop.disabled = true;
  };
  state.onChange(() => { seed = state.getNumber("seed", 1, 0, 1e9); });
  stop.disabled = true;
  return { open() { if (!first && !running) void train(); } };
}
