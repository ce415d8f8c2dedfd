// Measures the time from a move of the mouse to the painted posterior.
// run.sh CSDM FOLDER repaint.mjs runs it. It is no test: a busy machine is slower.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const { chromium } = createRequire(process.env.MODULES + "/")("playwright-core");
const lab = spawn(process.env.CSDM, ["lab", "-q"], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((found) => lab.stdout.once("data", (text) => found(String(text).trim())));
const browser = await chromium.launch({ executablePath: process.env.BROWSER, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.setDefaultTimeout(600_000);
await page.goto(address + "#room=inverse&x=0.3&y=0.5");
await page.waitForFunction(() => document.getElementById("inverse").dataset.exact); // the table is full
const box = await page.locator("#inverse canvas.hold").boundingBox();
await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.5 * box.height);
await page.mouse.down();
const times = [];
for (let k = 0; k < 60; k++) {
  const before = await page.getAttribute("#inverse", "data-shown");
  await page.mouse.move(box.x + (0.3 + 0.4 * (k / 60)) * box.width, box.y + (0.5 + 0.1 * Math.sin(k / 6)) * box.height);
  await page.waitForFunction((b) => document.getElementById("inverse").dataset.shown !== b, before);
  times.push(Number(await page.getAttribute("#inverse", "data-repaint")));
}
await page.mouse.up();
times.sort((a, b) => a - b);
const at = (share) => times[Math.floor(share * (times.length - 1))].toFixed(1);
console.log(`moves=${times.length} median_ms=${at(0.5)} p90_ms=${at(0.9)} least_ms=${at(0)}`);
await browser.close();
lab.kill("SIGTERM");
