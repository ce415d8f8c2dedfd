// The page: rooms, the message when the server ends, and the text size.

import { address } from "./api";
import { redraw } from "./draw";
import { inverse } from "./rooms/inverse";
import { anneal, levels } from "./rooms/network";
import { measurement } from "./rooms/measurement";
import { score } from "./rooms/score";
import { training } from "./rooms/training";
import { trust } from "./rooms/trust";
import * as state from "./state";

const builders: Record<string, (section: HTMLElement) => { open(): void }> = {
  inverse, score, levels, anneal, training, trust, measurement,
};
const built = new Map<string, { open(): void }>();
const links = [...document.querySelectorAll<HTMLAnchorElement>("nav a")];

function open(): void {
  const known = links.map((a) => a.dataset["room"]!);
  let room = state.get("room", known[0]!);
  if (!known.includes(room)) room = known[0]!;
  for (const a of links) {
    if (a.dataset["room"] === room) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
    document.getElementById(a.dataset["room"]!)!.hidden = a.dataset["room"] !== room;
  }
  const section = document.getElementById(room)!;
  document.title = section.querySelector("h1")!.textContent + " · csdm lab";
  if (!built.has(room)) built.set(room, builders[room]!(section));
  built.get(room)!.open();
  redraw();
}

const large = document.getElementById("large")!;
function size(): void {
  const on = state.get("large", "0") === "1";
  document.documentElement.classList.toggle("large", on);
  large.setAttribute("aria-pressed", String(on));
}
large.addEventListener("click", () => {
  state.set({ large: state.get("large", "0") === "1" ? 0 : 1 });
  size();
});

const link = document.getElementById("link")!;
link.addEventListener("click", () => {
  state.flush();
  void navigator.clipboard.writeText(location.hash).then(() => {
    link.textContent = "Copied: add it to any lab's address";
    setTimeout(() => { link.textContent = "Copy link"; }, 2500);
  });
});

const ended = document.getElementById("ended")!;
const alive = new EventSource(address("/alive"));
alive.addEventListener("error", () => {
  ended.hidden = false;
  ended.textContent = "csdm lab has ended. Start it again, and open the address that it prints; this page's #… may be added to it.";
});
alive.addEventListener("open", () => { ended.hidden = true; });

// The controls of the rooms read the fragment first.
state.onChange(() => queueMicrotask(() => { size(); open(); }));
for (const a of links) {
  a.addEventListener("click", () => {
    a.hash = `room=${a.dataset["room"]}` + (state.get("large", "0") === "1" ? "&large=1" : "");
  });
}
size();
open();
