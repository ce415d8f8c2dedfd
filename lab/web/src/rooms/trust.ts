// Room "trust": which of four posteriors is spoiled?

import { call, Failed } from "../api";
import { button, choice, command, computation, el, slider, status } from "../dom";
import { Chart, type Points } from "../chart";
import * as state from "../state";

const names = ["A", "B", "C", "D"];

export function trust(section: HTMLElement): { open(): void } {
  const stage = section.querySelector("[data-stage]")!;
  let round = state.getNumber("round", 1, 0, 1e6);
  let answer: any = null;
  let u: number[][] = [[], [], [], []];
  const kind = choice("spoiling", "kind of fault", [["", "any"], ["shift", "shifted"], ["narrow", "too narrow"], ["wide", "too wide"], ["prior", "the prior"]], "", () => begin());
  const many = slider({ name: "measurements", label: "measurements", least: 10, most: 200, step: 10, value: 100 }, () => begin());
  const next = button("New round", () => { round++; state.set({ round }); begin(); }, true);
  const line = status();
  const guesses = names.map((name, i) => button("It is " + name, () => guess(i)));
  const panels = el("div", { class: "panels wide" });
  stage.append(el("div", { class: "side" }, el("div", { class: "controls" }, kind.element, many.element, el("div", { class: "buttons" }, next)),
    el("p", {}, "One of four posteriors is spoiled. Which one?"), el("div", { class: "buttons" }, ...guesses), line.element), panels);
  const charts = names.map((name, p) => new Chart(panels, `${name}: ranks of the true center`, { name: "rank, as a share of the draws", from: 0, to: 1 }, { name: "count", from: 0, to: 6 },
    [{ name: "", color: "series-" + (p + 1), bars: true }], 2));
  const cover = new Chart(panels, "Coverage of central intervals", { name: "stated", from: 0, to: 1 }, { name: "held", from: 0, to: 1 }, [
    { name: "calibrated", color: "soft", dash: [2, 3] },
    ...names.map((name, p) => ({ name, color: "series-" + (p + 1), dash: [undefined, [7, 3], [3, 3], [9, 3, 2, 3]][p] })),
  ], 1.4);

  const paint = () => {
    const bins: number = answer?.bins ?? 8;
    charts.forEach((chart, p) => {
      const counts = new Array<number>(bins).fill(0);
      for (const v of u[p]!) counts[Math.floor(v * bins)]!++;
      chart.band = answer && u[p]!.length >= 2 * many.get() ? answer.band : null;
      chart.y.to = Math.max(6, ...counts, answer ? 1.15 * answer.band[1] * (u[p]!.length / (2 * many.get())) : 0);
      chart.set([[counts.map((_, i) => (i + 0.5) / bins), counts]]);
      chart.label(`${names[p]}: ranks of ${u[p]!.length / 2} true centers in ${bins} bins: ${counts.join(", ")}`);
    });
    const levels = Array.from({ length: 20 }, (_, i) => i / 19);
    cover.set([[[0, 1], [0, 1]], ...u.map((of): Points =>
      [levels, levels.map((l) => of.filter((v) => Math.abs(2 * v - 1) <= l).length / Math.max(1, of.length))])]);
  };
  const guess = (i: number) => {
    if (!answer) return;
    const right = answer.spoiled === i;
    line.set(`${right ? "Yes" : "No"}: ${names[answer.spoiled]} is ${answer.what}.`);
    section.dataset["guessed"] = String(right);
  };
  const show = command(section.querySelector("[data-command]")!, "The same by a command");
  let call0: AbortController | null = null;
  const begin = async () => {
    call0?.abort();
    const mine = (call0 = new AbortController());
    u = [[], [], [], []];
    answer = null;
    paint();
    line.set("Filling the table …");
    let count = 0;
    const input = { seed: round, noise: 5, measurements: many.get(), spoiling: kind.get() };
    show(computation("trust", input));
    try {
      await call("trust", input, (r) => {
        if (mine.signal.aborted) return;
        answer = r;
        for (const of of r.u as number[][]) of.forEach((v, p) => u[p]!.push(v));
        line.set(`${++count} of ${many.get()} measurements.`);
        requestAnimationFrame(paint);
      }, mine.signal);
      paint();
      section.dataset["shown"] = `${round},${count}`;
    } catch (e) {
      if (e instanceof Failed && !e.canceled) line.set(e.message, true);
    }
  };
  return { open() { if (!answer) void begin(); } };
}
