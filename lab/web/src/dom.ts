// Elements and controls.

import * as state from "./state";

type Child = Node | string;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

export interface SliderOptions {
  name: string; // in the fragment
  label: string;
  unit?: string;
  least: number;
  most: number;
  step: number;
  value: number;
  text?: (v: number) => string;
  logarithmic?: boolean; // the slider moves along the logarithm
}

export interface Control<T> {
  element: HTMLElement;
  get(): T;
  set(v: T): void;
}

let ids = 0;

// slider keeps a number in the fragment and calls changed.
export function slider(o: SliderOptions, changed: (v: number) => void): Control<number> {
  const id = `c${ids++}`;
  const out = el("output", { for: id });
  const scale = (v: number) => (o.logarithmic ? Math.log(v) : v);
  const back = (v: number) => (o.logarithmic ? Math.exp(v) : v);
  const input = el("input", {
    type: "range", id, min: String(scale(o.least)), max: String(scale(o.most)),
    step: o.logarithmic ? String((scale(o.most) - scale(o.least)) / 200) : String(o.step),
    "data-name": o.name,
  });
  let value = state.getNumber(o.name, o.value, o.least, o.most);
  const show = () => {
    const text = (o.text ?? ((v: number) => String(+v.toPrecision(3))))(value) + (o.unit ? " " + o.unit : "");
    out.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  const set = (v: number) => {
    value = Math.min(o.most, Math.max(o.least, v));
    input.value = String(scale(value));
    show();
  };
  input.addEventListener("input", () => {
    const v = back(Number(input.value));
    value = o.logarithmic ? +v.toPrecision(4) : v;
    show();
    state.set({ [o.name]: +value.toPrecision(6) });
    changed(value);
  });
  state.onChange(() => set(state.getNumber(o.name, o.value, o.least, o.most)));
  set(value);
  return {
    element: el("div", { class: "control" }, el("label", { for: id }, o.label, out), input),
    get: () => value, set,
  };
}

export function choice(
  name: string, label: string, options: [string, string][], value: string, changed: (v: string) => void,
): Control<string> {
  const id = `c${ids++}`;
  const select = el("select", { id, "data-name": name },
    ...options.map(([v, text]) => el("option", { value: v }, text)));
  const known = (v: string) => (options.some(([o]) => o === v) ? v : value);
  const set = (v: string) => { select.value = known(v); };
  select.addEventListener("change", () => {
    state.set({ [name]: select.value });
    changed(select.value);
  });
  state.onChange(() => set(state.get(name, value)));
  set(state.get(name, value));
  return {
    element: el("div", { class: "control" }, el("label", { for: id }, label), select),
    get: () => select.value, set,
  };
}

// text keeps a line of text in the fragment.
export function text(name: string, label: string, hint: string, changed: () => void): Control<string> {
  const id = `c${ids++}`;
  const input = el("input", { type: "text", id, "data-name": name, placeholder: hint, spellcheck: "false", autocomplete: "off" });
  const set = (v: string) => { input.value = v; };
  input.addEventListener("change", () => {
    state.set({ [name]: input.value });
    changed();
  });
  state.onChange(() => set(state.get(name, "")));
  set(state.get(name, ""));
  return { element: el("div", { class: "control" }, el("label", { for: id }, label), input), get: () => input.value.trim(), set };
}

export function check(name: string, label: string, value: boolean, changed: (v: boolean) => void): Control<boolean> {
  const id = `c${ids++}`;
  const input = el("input", { type: "checkbox", id, "data-name": name });
  const set = (v: boolean) => { input.checked = v; };
  input.addEventListener("change", () => {
    state.set({ [name]: input.checked ? 1 : 0 });
    changed(input.checked);
  });
  const read = () => state.get(name, value ? "1" : "0") === "1";
  state.onChange(() => set(read()));
  set(read());
  return {
    element: el("div", { class: "control check" }, input, el("label", { for: id }, label)),
    get: () => input.checked, set,
  };
}

export function button(text: string, pressed: () => void, main = false): HTMLButtonElement {
  const b = el("button", { type: "button", ...(main ? { class: "main" } : {}) }, text);
  b.addEventListener("click", pressed);
  return b;
}

// computation is the command that prints what a computation gives the page.
export function computation(name: string, input: unknown): string {
  return `csdm lab ${name} '${JSON.stringify(input)}'`;
}

// command returns a box with a command line and a button that copies it.
export function command(parent: Element, title: string): (text: string, files?: [string, string][]) => void {
  const code = el("pre", { class: "command", tabindex: "0", role: "group", "aria-label": "command" });
  const links = el("span", { class: "buttons" });
  const copy = button("Copy", () => {
    void navigator.clipboard.writeText(code.textContent ?? "").then(() => {
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
  });
  parent.append(el("h2", {}, title), code, el("div", { class: "buttons" }, copy, links));
  return (text, files = []) => {
    code.textContent = text;
    links.replaceChildren(...files.map(([name, href]) => el("a", { class: "button", href, download: name }, "Save " + name)));
  };
}

// status returns a line that screen readers read, and its setter.
export function status(): { element: HTMLElement; set(text: string, bad?: boolean): void } {
  const element = el("p", { class: "status", role: "status" });
  return {
    element,
    set(text, bad = false) {
      if (element.textContent !== text) element.textContent = text;
      element.classList.toggle("bad", bad);
    },
  };
}

// numbers returns a list of named numbers.
export function numbers(names: string[]): { element: HTMLElement; set(values: string[]): void } {
  const cells = names.map(() => el("dd", {}, "–"));
  const element = el("dl", { class: "numbers" },
    ...names.map((name, i) => el("div", {}, el("dt", {}, name), cells[i]!)));
  return { element, set: (values) => values.forEach((v, i) => { cells[i]!.textContent = v; }) };
}

export const still = matchMedia("(prefers-reduced-motion: reduce)");
