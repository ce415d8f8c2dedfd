// Calls of the server. Its answers are lines of JSON; rows of numbers are
// base64 of float32.

export interface Config {
  key: string;
  maps: Record<string, string>;
  networks: string[];
}

export const config: Config = JSON.parse(document.getElementById("config")!.textContent!);

// A page's next computation ends the last one of the same kind.
const page = crypto.getRandomValues(new Uint32Array(2)).join("-");

export function address(path: string, query: Record<string, string | number> = {}): string {
  const all = new URLSearchParams({ k: config.key });
  for (const [name, value] of Object.entries(query)) all.set(name, String(value));
  return `${path}?${all}`;
}

export class Failed extends Error {
  constructor(message: string, readonly canceled: boolean) {
    super(message);
  }
}

// call runs a computation and hands each line of its result to each.
export async function call(name: string, input: unknown, each: (line: any) => void, signal?: AbortSignal): Promise<void> {
  const response = await fetch(address(`/job/${name}`), {
    method: "POST", body: JSON.stringify(input), headers: { "X-Page": page }, signal,
  });
  if (!response.body) throw new Failed("the server sent nothing", false);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += value ?? "";
    const lines = rest.split("\n");
    rest = lines.pop()!;
    for (const text of lines) {
      if (!response.headers.get("Content-Type")?.startsWith("application/x-ndjson")) continue;
      const line = JSON.parse(text);
      if (line.failed !== undefined) throw new Failed(line.failed, line.canceled);
      each(line);
    }
    if (done) break;
  }
  if (!response.ok) throw new Failed(rest || response.statusText, false);
}

// floats reads a row of numbers.
export function floats(text: string): Float32Array {
  return new Float32Array(bytes(text).buffer);
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out;
}

// latest returns a function that runs work with the newest input only: one call
// at a time, and inputs that come meanwhile replace each other.
export function latest<T>(work: (input: T) => Promise<void>): (input: T) => void {
  let busy = false;
  let next: { input: T } | null = null;
  const run = async (): Promise<void> => {
    busy = true;
    while (next) {
      const { input } = next;
      next = null;
      await work(input);
    }
    busy = false;
  };
  return (input) => {
    next = { input };
    if (!busy) void run();
  };
}
