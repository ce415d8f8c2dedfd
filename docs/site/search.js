// Search in csdmIndex, which index.js holds: all words must occur in a part of a
// page. Titles count more than headings, and headings more than text.
"use strict";
(() => {
  const root = document.documentElement.dataset.root;
  const input = document.getElementById("words");
  const found = document.getElementById("found");
  const most = 12;

  const add = (parent, name, text) => {
    const element = parent.appendChild(document.createElement(name));
    if (text) element.textContent = text;
    return element;
  };

  const weight = (words, page, part) => {
    const title = page.title.toLowerCase(), heading = part.heading.toLowerCase(), text = part.text.toLowerCase();
    let sum = 0;
    for (const word of words) {
      const w = 8 * title.includes(word) + 4 * heading.includes(word) + text.includes(word);
      if (!w) return 0;
      sum += w;
    }
    return sum;
  };

  const excerpt = (text, word) => {
    const at = Math.max(0, text.toLowerCase().indexOf(word) - 60);
    return (at ? "… " : "") + text.slice(at, at + 160) + (text.length > at + 160 ? " …" : "");
  };

  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found.replaceChildren();
    found.hidden = !words.length;
    if (!words.length) return;
    const hits = [];
    for (const page of csdmIndex)
      for (const part of page.parts) {
        const w = weight(words, page, part);
        if (w) hits.push({ w, page, part });
      }
    hits.sort((a, b) => b.w - a.w);
    add(found, "strong", hits.length ? `${hits.length} places` : "Nothing found");
    const list = add(found, "ol");
    for (const { page, part } of hits.slice(0, most)) {
      const item = add(list, "li");
      const link = add(item, "a", part.heading && part.heading !== page.title ? `${page.title}: ${part.heading}` : page.title);
      link.href = root + page.page + (part.anchor ? "#" + encodeURIComponent(part.anchor) : "");
      add(item, "p", excerpt(part.text, words[0]));
    }
  };

  input.disabled = false;
  input.addEventListener("input", show);
  input.form.addEventListener("submit", event => {
    event.preventDefault();
    const first = found.querySelector("a");
    if (first) location.href = first.href;
  });
  document.addEventListener("keydown", event => {
    if (event.key === "/" && document.activeElement !== input) {
      event.preventDefault();
      input.focus();
    }
  });
})();
