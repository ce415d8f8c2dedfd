// Room "your measurement": a file, its verdict and its posterior.

import { address, call, config, Failed, floats } from "../api";
import { button, check, choice, command, el, slider, status, text } from "../dom";
import { Heat, short } from "../draw";

export function measurement(section: HTMLElement): { open(): void } {
  const stage = section.querySelector("[data-stage]")!;
  const again = () => { if (dropped || path.get()) void answer(); };
  const model = choice("model", "embedded network", config.networks.map((v) => [v, v]), "builtin:quasistatic-28-n5", again);
  const path = text("path", "file on this machine", "/home/me/map.npy", () => { dropped = null; again(); });
  const unit = text("unit", "unit of its values", "the network’s", again);
  const extent = text("extent", "from first to last sample", "such as 10,10mm", again);
  const index = text("case", "number of the map, if several", "0", again);
  const down = check("rows_down", "row 0 is at the top", false, again);
  const certify = check("certify", "certify the posterior", false, again);
  const anyway = check("anyway", "draw even if not explained", false, again);
  const draws = slider({ name: "draws", label: "draws", least: 16, most: 256, step: 16, value: 64 }, () => { clearTimeout(timer); timer = setTimeout(again, 400); });
  let timer = 0;
  const file = el("input", { type: "file", accept: ".npy,.npz,.csv,.txt", id: "measurement-file" });
  const zone = el("div", { class: "drop" }, el("label", { for: "measurement-file" }, "Drop a map here, or choose a file (.npy, .npz, .csv)"), file);
  const sample = button("Take a simulated one", () => void simulate(), true);
  const line = status();
  const verdict = el("div", { class: "verdict" }, el("p", {}, "No map yet. Its verdict will stand here."));
  const picture = el("img", { alt: "", hidden: "" });
  const remarks = el("ul", { class: "remarks" });
  const fields = el("div", { class: "panels", hidden: "" });
  const strip = el("div", { class: "panels small" });
  stage.append(
    el("div", { class: "side" }, zone, el("div", { class: "controls" }, el("div", { class: "buttons" }, sample), model.element, path.element, draws.element,
      down.element, certify.element, anyway.element,
      el("details", {}, el("summary", {}, "Unit and place of the samples"), unit.element, extent.element, index.element)), line.element),
    el("div", {}, verdict, fields, strip, el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "The map over the specimen" }, picture), remarks));
  const show = command(section.querySelector("[data-command]")!, "The same by a command");

  let dropped: { name: string; data: string } | null = null;
  let mean: Heat | null = null;
  let std: Heat | null = null;
  let shape: { rows: number; cols: number; unit: string } = { rows: 0, cols: 0, unit: "" };
  // limits are those of the field if the network is for one disc.
  const limits = (): [number, number] | null => (model.get().includes("quasistatic") ? [0.1, 1.5] : null);
  const heats = (r: typeof shape) => {
    shape = r;
    fields.replaceChildren();
    mean = new Heat(fields, "Posterior mean", "field", r.unit, r.rows, r.cols, limits());
    std = new Heat(fields, "Posterior standard deviation", "spread", r.unit, r.rows, r.cols, null);
  };
  // tests lists the failed tests of a verdict; if none failed, all of them
  // under a summary.
  const tests = (v: any): HTMLElement => {
    const failed = v.tests.filter((t: any) => !t.passed);
    const rows = (failed.length ? failed : v.tests).map((t: any) =>
      el("tr", {}, el("td", {}, t.name + (t.by ? `, ${t.by}` : "")), el("td", {}, short(t.value)), el("td", {}, short(t.limit)),
        el("td", {}, t.passed ? "passed" : t.hint || "failed")));
    const table = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Tests of the verdict" },
      el("table", {}, el("thead", {}, el("tr", {}, ...["test", "value", "limit", ""].map((h) => el(h ? "th" : "td", {}, h)))), el("tbody", {}, ...rows)));
    return failed.length ? table : el("details", {}, el("summary", {}, `${v.tests.length} tests passed`), table);
  };
  const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1) + ".";
  const judge = (r: any) => {
    const parts: (Node | string)[] = [];
    const refused = r.refused;
    if (r.explained) parts.push(el("p", { class: refused ? "no" : "yes" }, el("strong", {}, r.explained.explained ? "Explained. " : "Not explained. "), sentence(r.explained.text)));
    if (r.likeness && !r.likeness.in_distribution) parts.push(el("p", { class: "no" }, `The measurement is ${r.likeness.verdict}.`));
    if (r.explained?.tests?.length) parts.push(tests(r.explained));
    const c = r.certificate;
    if (c) {
      parts.push(el("p", { class: c.certified ? "yes" : "no" }, el("strong", {}, c.certified ? "Certified. " : "Not certified. "),
        c.certified ? `Effective sample size ${short(c.ess)}, k̂ ${c.khat < -100 ? "–" : short(c.khat)}, ${c.solves} forward solves, χ² per value ${short(c.chi2)}.` : c.reasons.join("; ") + "."));
    }
    verdict.replaceChildren(...parts);
    section.dataset["verdict"] = r.explained ? String(r.explained.explained) : "none";
    if (c) section.dataset["certified"] = String(c.certified);
  };
  let running: AbortController | null = null;
  const answer = async () => {
    running?.abort();
    const mine = (running = new AbortController());
    delete section.dataset["done"];
    delete section.dataset["certified"];
    fields.hidden = true;
    strip.replaceChildren();
    let kept: any = {};
    line.set("Reading the map …");
    try {
      await call("measurement", {
        model: model.get(), path: dropped ? dropped.name : path.get(), data: dropped ? dropped.data : "", case: index.get(), unit: unit.get(),
        extent: extent.get(), rows_down: down.get(), draws: draws.get(), seed: 1, certify: certify.get(), anyway: anyway.get(),
      }, (r) => {
        if (mine.signal.aborted) return;
        if (r.rows) {
          heats(r as any);
          picture.src = "data:image/png;base64," + r.picture;
          picture.alt = "The map over the specimen: " + r.remarks.join("; ");
          picture.hidden = false;
          remarks.replaceChildren(...r.remarks.map((t: string) => el("li", {}, t)));
          show(r.command);
          line.set("Judging the map …");
          return;
        }
        if (r.explained !== undefined || r.likeness) {
          kept = { ...kept, ...r };
          judge(kept);
          section.dataset["shown"] = "1";
          line.set(r.refused ? "No posterior is drawn." : "Drawing …");
        }
        if (r.mean && !r.refused) {
          fields.hidden = false;
          mean!.set(floats(r.mean));
          std!.set(floats(r.std));
          const all = floats(r.samples), size = shape.rows * shape.cols;
          strip.replaceChildren();
          for (let k = 0; k < r.draws; k++) {
            const h = new Heat(strip, `draw ${k + 1}`, "field", "", shape.rows, shape.cols, limits(), false);
            h.label(`Draw ${k + 1} of the posterior`);
            h.set(all.subarray(k * size, (k + 1) * size));
          }
          mean!.label(`Posterior mean${r.certificate ? ", certified" : " by the network"}`);
          std!.label(`Posterior standard deviation, at most ${short(floats(r.std).reduce((a, b) => Math.max(a, b)))} ${shape.unit}`);
          line.set(certify.get() && !r.certificate ? "Certifying …" : "Done.");
        }
        if (r.support) line.set(`${r.support.text ?? "Done"}.`.replace("..", "."));
      }, mine.signal);
      section.dataset["done"] = "1";
    } catch (e) {
      if (e instanceof Failed && !e.canceled) {
        line.set(e.message, true);
        verdict.replaceChildren(el("p", {}, "The map could not be read."));
      }
    }
  };
  const read = async (f: Blob, name: string) => {
    if (f.size > 10e6) { line.set(`${name} has ${(f.size / 1e6).toFixed(0)} MB; give its path instead (dropped files may have 10 MB)`, true); return; }
    const data = new Uint8Array(await f.arrayBuffer());
    let raw = "";
    for (let i = 0; i < data.length; i += 8192) raw += String.fromCharCode(...data.subarray(i, i + 8192));
    dropped = { name, data: btoa(raw) };
    await answer();
  };
  const simulate = async () => {
    model.set("builtin:quasistatic-28-n5");
    await read(await (await fetch(address("/file/y.npy", { x: 0.38, y: 0.6, noise: 5, seed: 1 }))).blob(), "y.npy");
  };
  file.addEventListener("change", () => { const f = file.files?.[0]; if (f) void read(f, f.name); });
  for (const kind of ["dragenter", "dragover"] as const) zone.addEventListener(kind, (e) => { e.preventDefault(); zone.classList.add("over"); });
  for (const kind of ["dragleave", "drop"] as const) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (e) => {
    e.preventDefault();
    const f = e.dataTransfer?.files[0];
    if (f) void read(f, f.name);
  });
  return {
    open() {
      if (section.dataset["shown"]) return;
      if (path.get()) void answer();
      else void simulate();
    },
  };
}
