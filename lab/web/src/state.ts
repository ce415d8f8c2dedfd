// The state of the page is its fragment: #room=inverse&noise=5&…

let values = read();
const listeners: (() => void)[] = [];

function read(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

export function get(name: string, otherwise: string): string {
  return values.get(name) ?? otherwise;
}

export function getNumber(name: string, otherwise: number, least: number, most: number): number {
  const v = Number(values.get(name) ?? NaN);
  return Number.isFinite(v) && values.get(name) !== "" ? Math.min(most, Math.max(least, v)) : otherwise;
}

let timer = 0;

// set changes values and the fragment, soon after the last of several changes.
export function set(change: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(change)) values.set(name, String(value));
  clearTimeout(timer);
  timer = setTimeout(flush, 120);
}

export function flush(): void {
  clearTimeout(timer);
  const url = new URL(location.href);
  url.hash = values.toString();
  history.replaceState(null, "", url);
}

// onChange calls f when another fragment is opened.
export function onChange(f: () => void): void {
  listeners.push(f);
}

addEventListener("hashchange", () => {
  values = read();
  for (const f of listeners) f();
});
