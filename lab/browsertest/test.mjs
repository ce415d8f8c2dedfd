// Tests of the lab in a real browser. See run.sh.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import assert from "node:assert/strict";

const load = createRequire(process.env.MODULES + "/");
const { chromium } = load("playwright-core");
const axe = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
const patient = { timeout: 120_000 }; // a machine may do other work

// start runs csdm lab and returns its address and process.
async function start() {
  const lab = spawn(process.env.CSDM, ["lab", "-q"], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((found, failed) => {
    let text = "";
    lab.stdout.on("data", (part) => {
      text += part;
      if (text.includes("\n")) found(text.trim());
    });
    lab.on("exit", (code) => failed(new Error(`csdm lab ended with ${code}`)));
  });
  return { address, lab, stop: () => new Promise((ended) => { lab.on("exit", ended); lab.kill("SIGTERM"); }) };
}

const server = await start();
const browser = await chromium.launch({ executablePath: process.env.BROWSER, args: ["--no-sandbox"] });
const base = new URL(server.address).origin;

// open returns a page at a fragment. Errors of its scripts and requests to
// other hosts fail the test.
async function open(t, fragment, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patient.timeout);
  const faults = [];
  page.on("pageerror", (e) => faults.push(e.message));
  page.on("console", (m) => { if (m.type() === "error" && !/40[09]|ERR_/.test(m.text())) faults.push(m.text()); });
  page.on("request", (r) => {
    if (!r.url().startsWith(base + "/") && !/^(data|blob):/.test(r.url())) faults.push("request to " + r.url());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  await page.goto(server.address + fragment);
  return page;
}

// shown waits until a room shows something: its data attribute has a value.
const shown = (page, name, value) => page.waitForFunction(([name, value]) => {
  const v = document.querySelector("section:not([hidden])").dataset[name];
  return value === null ? v !== undefined : v === value;
}, [name, value ?? null], patient);

const rooms = await (async () => {
  const page = await browser.newPage();
  await page.goto(server.address);
  const ids = await page.$$eval("nav a", (links) => links.map((a) => a.dataset.room));
  await page.close();
  return ids;
})();

test("the posterior follows a drag within a pixel", async (t) => {
  const page = await open(t, "#room=inverse&x=0.38&y=0.6&noise=5");
  await shown(page, "shown");
  const box = await page.locator("#inverse canvas.hold").boundingBox();
  const at = (x, y) => {
    const h = 0.5 / 27, side = 1 + 2 * h;
    return [box.x + ((x + h) / side) * box.width, box.y + (1 - (y + h) / side) * box.height];
  };
  await page.mouse.move(...at(0.38, 0.6));
  await page.mouse.down();
  for (const [x, y] of [[0.45, 0.52], [0.6, 0.4], [0.66, 0.34]]) await page.mouse.move(...at(x, y));
  await page.mouse.up();
  await page.waitForFunction(() => {
    const [x, y] = (document.getElementById("inverse").dataset.shown ?? "0,0").split(",").map(Number);
    return Math.abs(x - 0.66) < 0.01 && Math.abs(y - 0.34) < 0.01;
  }, null, patient);
  const [x, y] = (await page.getAttribute("#inverse", "data-center")).split(",").map(Number);
  assert.ok(Math.abs(x - 0.66) < 1 / 27 && Math.abs(y - 0.34) < 1 / 27, `the center is ${x}, ${y}`);
  assert.match(page.url(), /x=0\.6[56]\d*&y=0\.3[34]/);
});

test("the keyboard alone moves the disc, and the address keeps it", async (t) => {
  const page = await open(t, "#room=inverse&x=0.5&y=0.5");
  await shown(page, "shown", "0.5,0.5,5,1");
  let name = "";
  for (let i = 0; i < 30 && name !== "x"; i++) {
    await page.keyboard.press("Tab");
    name = await page.evaluate(() => document.activeElement.dataset?.name ?? "");
  }
  assert.equal(name, "x", "Tab reaches the slider");
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  await shown(page, "shown", "0.51,0.5,5,1");
  await page.waitForFunction(() => location.hash.includes("x=0.51"), null, patient);
  const center = await page.getAttribute("#inverse", "data-center");
  await page.reload();
  await shown(page, "shown", "0.51,0.5,5,1");
  assert.equal(await page.getAttribute("#inverse", "data-center"), center);
});

test("the keyboard opens each room", async (t) => {
  const page = await open(t, "");
  for (const room of rooms) {
    await page.focus(`nav a[data-room=${room}]`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`#${room}:not([hidden])`, patient);
    const name = await page.locator(`#${room} h1`).textContent();
    assert.ok((await page.title()).startsWith(name));
  }
});

for (const [what, options] of [
  ["light", { colorScheme: "light" }], ["dark", { colorScheme: "dark" }],
  ["phone", { colorScheme: "light", viewport: { width: 420, height: 900 } }],
  ["phone, dark", { colorScheme: "dark", viewport: { width: 420, height: 900 } }],
]) {
  test(`axe finds nothing: ${what}`, async (t) => {
    const page = await open(t, "", options);
    await page.evaluate(axe);
    for (const room of rooms) {
      await page.evaluate((r) => { location.hash = "room=" + r; }, room);
      await page.waitForSelector(`#${room}:not([hidden])`, patient);
      await shown(page, "shown");
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
      const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(found.violations.map((v) => [v.id, v.nodes[0].html]), [], room);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${room} is ${wide} pixels too wide`);
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = false; }));
      if (process.env.SHOTS) {
        await page.screenshot({ path: `${process.env.SHOTS}/${room}-${what.replace(", ", "-")}.png`, fullPage: true });
      }
    }
  });
}

test("a reader who wants no motion gets the end at once", async (t) => {
  const page = await open(t, "#room=anneal&chains=4&levels=6", { reducedMotion: "reduce" });
  await shown(page, "shown");
  await page.locator("#anneal-time").fill("0");
  await shown(page, "frame", "0");
  await page.getByRole("button", { name: "Play" }).click();
  assert.equal(await page.getAttribute("#anneal", "data-frame"), "6");
  await shown(page, "contours");
  assert.match(await page.getAttribute("#anneal", "data-contours"), /^[1-9]\d*,[1-9]\d*$/);
  await page.evaluate(() => { location.hash = "room=score"; });
  await shown(page, "shown");
  await page.getByRole("button", { name: "Draw 500 particles" }).click();
  await shown(page, "walked");
  await page.waitForFunction(() => {
    const time = document.getElementById("score-time");
    return time.value === time.max && time.max !== "1";
  }, null, patient);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

test("a reader who wants motion sees it", async (t) => {
  const page = await open(t, "#room=anneal&chains=4&levels=6", { reducedMotion: "no-preference" });
  await shown(page, "shown");
  await page.locator("#anneal-time").fill("0");
  await shown(page, "frame", "0");
  await page.getByRole("button", { name: "Play" }).click();
  assert.notEqual(await page.getAttribute("#anneal", "data-frame"), "6");
  await shown(page, "frame", "6");
});

test("a measurement has a verdict, and upside down another", async (t) => {
  const page = await open(t, "#room=measurement&draws=16");
  await shown(page, "done");
  assert.equal(await page.getAttribute("#measurement", "data-verdict"), "true");
  assert.equal(await page.locator("#measurement .small canvas").count(), 8);
  await page.getByLabel("row 0 is at the top").check();
  await shown(page, "verdict", "false");
  await shown(page, "done");
  assert.equal(await page.locator("#measurement .small canvas").count(), 0);
  const bad = { name: "map.npy", mimeType: "application/octet-stream", buffer: Buffer.from("no map") };
  await page.locator("#measurement-file").setInputFiles(bad);
  await page.waitForSelector("#measurement .status.bad", patient);
  assert.match(await page.textContent("#measurement .status"), /map\.npy/);
});

test("a training shows a draw after a stretch, and stops", async (t) => {
  const page = await open(t, "#room=training&steps=60");
  await shown(page, "stretches", "1");
  assert.ok(await page.locator("#training .small canvas").count() >= 1);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.waitForFunction(() => document.querySelector("#training .status").textContent === "Stopped.", null, patient);
});

test("the arrow keys and the mouse read a chart", async (t) => {
  const page = await open(t, "#room=levels");
  await shown(page, "curves", "16");
  const chart = page.locator("#levels .uplot");
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const heard = await page.textContent("#levels .heard");
  assert.match(heard, /^σ 0\.0442, network: D − D\* \d/);
  const legend = () => page.locator("#levels .u-value").allTextContents();
  assert.deepEqual(await legend(), [...heard.matchAll(/ (\S+)(?:,|$)/g)].map((m) => m[1]));
  await page.keyboard.press("Tab");
  assert.deepEqual(await legend(), ["", "", ""]);
  const box = await page.locator("#levels .u-over").boundingBox();
  await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
  assert.equal((await legend())[0], "10");
});

test("large text fits", async (t) => {
  const page = await open(t, "#large=1");
  assert.equal(await page.getAttribute("#large", "aria-pressed"), "true");
  const size = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  assert.ok(size > 22, `${size} pixels`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test("the end of the server is a message", async (t) => {
  const page = await open(t, "");
  await page.waitForSelector("#ended", { state: "hidden" });
  await page.waitForTimeout(300);
  assert.equal(await server.stop(), 0);
  await page.waitForSelector("#ended:not([hidden])", patient);
  assert.match(await page.textContent("#ended"), /csdm lab has ended/);
});

after(() => browser.close());
process.on("exit", () => { server.lab.kill("SIGKILL"); });
