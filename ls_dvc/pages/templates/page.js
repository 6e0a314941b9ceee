"use strict";
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const data = JSON.parse($("#data").textContent);
  const list = $("#tasks");
  const cards = $$("article");
  const groups = $$(".group");
  const views = ["overlay", "before", "after", "both"];
  const sides = ["before", "after", "both"];
  const color = (label) => `c${label % 12}`;
  const task = (card) => data.tasks[Number(card.dataset.n)];
  const nameOf = (label) => data.labels[label];

  const made = (name, attributes = {}, ...content) => {
    const found = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    found.append(...content);
    return found;
  };
  const element = (name, attributes = {}, text = "") => {
    const found = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    if (text) found.textContent = text;
    return found;
  };

  // The names of changed shapes, at their corners; as large as other text, whatever the image's size.
  const nameShapes = (svg, width, height, shapes) => {
    const kept = new Set(shapes.filter(([side]) => side === 1).map((shape) => shape[3]));
    const unit = width / (svg.clientWidth || svg.parentElement.clientWidth || 640);
    for (const [side, path, label, pair] of shapes) {
      const start = /^M(-?[\d.]+) (-?[\d.]+)/.exec(path);
      if (side === 2 || !label || !start) continue;
      const x = Math.min(Math.max(Number(start[1]), 2 * unit), width - 20 * unit);
      const y = Math.min(Math.max(Number(start[2]) - 5 * unit, 13 * unit), height - 4 * unit);
      svg.append(element("text", { x, y, class: `tagtext s-${sides[side]} ${kept.has(pair) ? "kept" : ""}`, "font-size": 12 * unit, "stroke-width": 3 * unit }, nameOf(label)));
    }
  };

  // Images are drawn when they come into view, and stay.
  const drawImage = (svg, [width, height, md5, , shapes], notes) => {
    const stored = md5 && document.getElementById(`m${md5}`);
    if (stored) {
      const href = `data:image/jpeg;base64,${stored.textContent}`;
      svg.append(element("image", { href, width, height, preserveAspectRatio: "none" }));
    }
    for (const [side, path, label, pair, kind] of shapes) {
      const shape = element("path", { d: path, class: `shape s-${sides[side]} ${color(label)} ${kind || ""}`, "data-pair": pair });
      shape.append(element("title", {}, notes.get(pair) || nameOf(label)));
      svg.append(shape);
    }
    nameShapes(svg, width, height, shapes);
  };

  // A row for each side: what is on both, then what is on it alone.
  const drawTimeline = (place, [length, unit, , segments], notes) => {
    const rows = made("div", { class: "rows", role: "img", "aria-label": `${segments.length} segments on a line of time, before above and after below; the changed ones are listed in words` });
    for (const row of [0, 1]) {
      const track = made("div", { class: `track side-${sides[row]}` }, made("span", { class: "tag" }, sides[row]));
      const bar = made("div", { class: "bar-of-time" });
      for (const [side, start, end, label, pair] of segments) {
        if (side !== row && side !== 2) continue;
        const part = made("div", { class: `segment s-${sides[side]} ${color(label)}`, "data-pair": pair, title: `${notes.get(pair) || nameOf(label)} (${+start.toFixed(3)} to ${+end.toFixed(3)} ${unit})` }, nameOf(label));
        part.style.left = `${length ? 100 * start / length : 0}%`;
        part.style.width = `${length ? 100 * (end - start) / length : 0}%`;
        bar.append(part);
      }
      track.append(bar);
      rows.append(track);
    }
    const ends = made("div", { class: "ends" });
    for (const part of [0, 0.25, 0.5, 0.75, 1]) ends.append(made("span", {}, `${+(part * length).toPrecision(4)}${part === 1 ? ` ${unit}` : ""}`));
    place.append(rows, ends);
  };

  // The lines of words of a card: a list, in which labels have their colours.
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const label = (number) => made("span", { class: `label ${color(number)}` }, made("bdi", {}, nameOf(number)));
  const drawLines = (place, found, lines) => {
    const items = made("ul", { class: "lines" });
    lines.forEach((text, n) => {
      const [pair, kinds, before, after] = found.x[n] || [-1, "more", 0, 0];
      const one = after || before;
      const names = before && after && before !== after ? [before, after] : one ? [one] : [];
      const start = names.map((each) => plain(nameOf(each))).join(" → ");
      const item = made("li", pair < 0 ? {} : { "data-pair": pair, tabindex: 0 }, made("span", { class: `dot ${kinds.split(" ").map((kind) => `kind-${kind}`).join(" ")}` }));
      if (start && text.startsWith(start)) {
        names.forEach((each, place) => item.append(...(place ? [" → "] : []), label(each)));
        item.append(" ", made("bdi", {}, text.slice(start.length).trim()));
      } else {
        item.append(made("bdi", {}, text));
      }
      items.append(item);
    });
    place.replaceWith(items);
  };
  const drawFacts = (place, kinds) => {
    const rest = place.textContent.split(" · ").slice(kinds.length);
    place.replaceChildren(
      ...kinds.flatMap((kind) => [made("span", { class: `badge kind-${kind.replace(" ", "-")}` }, kind), " "]),
      ...rest.flatMap((each) => [made("span", { class: "fact" }, each), " "]),
    );
  };
  const drawTitle = (place, id, link) => {
    const title = place.textContent.slice(`task ${id}`.length).trim();
    place.replaceChildren(made("a", { href: `#t${id}` }, `task ${id}`), " ", made("bdi", { class: "title" }, title));
    if (link) place.append(" ", made("a", { class: "open", href: link, rel: "noreferrer noopener", target: "_blank", "aria-label": `open task ${id} in Label Studio` }, "Label Studio ↗"));
  };

  const isSideBySide = () => document.body.className === "view-both";
  const notesOf = (card) => new Map($$("li[data-pair]", card).map((line) => [Number(line.dataset.pair), line.textContent]));
  const drawFigures = (card, found) => {
    const notes = notesOf(card);
    const id = card.id.slice(1);
    const figures = [
      ...found.i.map((image, n) => {
        const svg = element("svg", { class: "scene one", role: "img", "aria-label": `${image[3]}, task ${id}, ${image[4].length} regions`, viewBox: `0 0 ${image[0]} ${image[1]}` });
        return made("figure", { "data-image": n }, made("div", { class: "pair" }, svg), made("figcaption", {}, image[3]));
      }),
      ...found.t.map((line) => {
        const place = made("div", { class: "timeline" });
        drawTimeline(place, line, notes);
        return made("figure", {}, place, made("figcaption", {}, `${line[2]}${line[0] ? ` · ${+line[0].toPrecision(6)} ${line[1]}` : ""}`));
      }),
    ];
    if (!figures.length) return;
    const body = $(".body-of-card", card);
    if (!$(".media", body)) body.prepend(made("div", { class: "media" }));
    $(".media", body).prepend(...figures);
    for (const figure of $$("[data-image]", body)) drawImage($(".scene", figure), found.i[Number(figure.dataset.image)], notes);
  };
  const drawSecond = (card) => {
    for (const pair of $$(".pair", card)) {
      if (pair.children.length > 1) continue;
      const image = task(card).i[Number(pair.parentElement.dataset.image)];
      const two = element("svg", { class: "scene two", "aria-hidden": "true", viewBox: pair.firstChild.getAttribute("viewBox") });
      pair.append(two);
      drawImage(two, image, notesOf(card));
    }
  };
  const draw = (card) => {
    if (card.dataset.drawn) return;
    card.dataset.drawn = "1";
    const found = task(card);
    $(".body-of-card", card).removeAttribute("hidden");
    const words = $(".lines", card);
    if (words) drawLines(words, found, words.textContent.split("\n"));
    drawTitle($("h2", card), card.id.slice(1), found.u);
    drawFacts($(".facts", card), found.k);
    drawFigures(card, found);
    if (isSideBySide()) drawSecond(card);
    card.style.minHeight = "";
  };

  // About how high a card will be, so that the page is about as long as it will be.
  const wide = list.clientWidth * (innerWidth < 1200 ? 1 : 0.64);
  for (const card of cards) {
    const found = task(card);
    const images = found.i.reduce((sum, [width, height]) => sum + 40 + Math.min(wide * height / width, 544), 0);
    const words = 28 * Math.min(found.x.length, 60);
    card.style.minHeight = `${90 + (innerWidth < 1200 ? images + words : Math.max(images, words)) + 110 * found.t.length}px`;
  }
  // Cards near the screen are drawn. Cards stand in order, so the first is found by halving: with
  // thousands of them an observer of each would take longer than a frame.
  const AHEAD = 800;
  let shown = cards;
  const drawAround = () => {
    let [low, high] = [0, shown.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (shown[middle].getBoundingClientRect().bottom < -AHEAD) low = middle + 1; else high = middle;
    }
    while (low < shown.length && shown[low].getBoundingClientRect().top < innerHeight + AHEAD) draw(shown[low++]);
  };
  let isWaiting = false;
  const drawSoon = () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; drawAround(); });
  };
  addEventListener("scroll", drawSoon, { passive: true });
  addEventListener("resize", drawSoon);
  list.addEventListener("beforematch", (event) => draw(event.target.closest("article")));
  addEventListener("beforeprint", () => cards.forEach(draw));

  // How changes are drawn.
  const show = (view) => {
    document.body.className = `view-${view}`;
    if (isSideBySide()) $$("article[data-drawn]").forEach(drawSecond);
    for (const button of $$("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  };
  const view = () => document.body.className.replace("view-", "");
  for (const button of $$("[data-view]")) button.addEventListener("click", () => show(button.dataset.view));

  // Filters.
  const form = $("#filters");
  const search = $("#search");
  let relabel = null;
  const texts = new Map();
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  };
  const fits = (card, kinds, chosen, words) => {
    const found = task(card);
    return (!kinds.length || kinds.some((kind) => found.k.includes(kind)))
      && (!chosen.label || found.l.some((each) => nameOf(each) === chosen.label || nameOf(each).split(", ").includes(chosen.label)))
      && (!chosen.annotator || found.a.includes(chosen.annotator))
      && (!chosen.split || found.p === chosen.split)
      && (!relabel || found.x.some(([, kind, before, after]) => kind.includes("relabeled") && nameOf(before) === relabel[0] && nameOf(after) === relabel[1]))
      && (!words || textOf(card).includes(words));
  };
  const filter = () => {
    const kinds = $$("[name=kind]:checked", form).map((each) => each.value);
    const chosen = {};
    for (const name of ["label", "annotator", "split"]) chosen[name] = form.elements[name] ? form.elements[name].value : "";
    const words = search.value.trim().toLowerCase();
    for (const card of cards) card.hidden = !fits(card, kinds, chosen, words);
    shown = cards.filter((card) => !card.hidden);
    const count = shown.length;
    const only = relabel ? `, ${relabel[0] || "no label"} → ${relabel[1] || "no label"}` : "";
    $("#shown").textContent = `${count.toLocaleString("en")} of ${cards.length.toLocaleString("en")} tasks${only}`;
    $("#none").hidden = count > 0 || !cards.length;
    drawAround();
  };
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  form.addEventListener("change", (event) => {
    if (event.target.id === "order") {
      const byId = event.target.value === "id";
      const key = (card) => Number(byId ? card.id.slice(1) : card.dataset.n);
      cards.sort((one, other) => key(one) - key(other));
      const size = Math.ceil(cards.length / groups.length);
      groups.forEach((group, n) => group.append(...cards.slice(n * size, (n + 1) * size)));
    }
    filter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => { relabel = null; setTimeout(filter); });
  for (const button of $$("[data-label]")) {
    button.addEventListener("click", () => {
      const select = form.elements.label;
      if (!select) return;
      const option = [...select.options].find((each) => each.value === button.dataset.label) || [...select.options].find((each) => each.value.split(", ").includes(button.dataset.label));
      if (option) { select.value = option.value; filter(); }
    });
  }
  for (const button of $$("[data-relabel]")) {
    button.addEventListener("click", () => { relabel = [button.dataset.before, button.dataset.after]; filter(); });
  }

  // A line of words and the shape that it is about.
  const light = (line, on) => {
    const card = line.closest("article");
    for (const part of $$(`[data-pair="${line.dataset.pair}"]`, card)) if (part !== line) part.classList.toggle("lit", on);
    for (const figure of $$("figure", card)) figure.classList.toggle("dim", on && Boolean($(".lit", figure)));
  };
  for (const [event, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    list.addEventListener(event, (happened) => {
      const line = happened.target.closest("li[data-pair]");
      if (line) light(line, on);
    });
  }

  // The large image.
  const large = $("#large");
  const stage = $("#stage");
  let box = null;
  let fit = null;
  const setBox = () => $("svg", stage).setAttribute("viewBox", box.join(" "));
  const open = (svg) => {
    const figure = svg.closest("figure");
    const card = svg.closest("article");
    draw(card);
    const image = task(card).i[Number(figure.dataset.image)];
    const copy = element("svg", { class: `scene ${svg.classList.contains("two") ? "two" : "one"}` });
    copy.style.display = "block";
    copy.setAttribute("viewBox", svg.getAttribute("viewBox"));
    stage.replaceChildren(copy);
    if (!large.open) large.showModal();
    drawImage(copy, image, notesOf(card));
    fit = [0, 0, image[0], image[1]];
    box = [...fit];
    setBox();
    $("#large-title").textContent = $("h2", card).textContent.replace(/\s+/g, " ").trim();
  };
  const zoom = (factor, x = 0.5, y = 0.5) => {
    const width = Math.min(Math.max(box[2] * factor, fit[2] / 60), fit[2] * 2);
    const height = width * fit[3] / fit[2];
    box = [box[0] + (box[2] - width) * x, box[1] + (box[3] - height) * y, width, height];
    setBox();
  };
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const place = stage.getBoundingClientRect();
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, (event.clientX - place.left) / place.width, (event.clientY - place.top) / place.height);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => { stage.setPointerCapture(event.pointerId); });
  stage.addEventListener("pointermove", (event) => {
    if (!event.buttons || !box) return;
    const place = stage.getBoundingClientRect();
    const scale = Math.max(box[2] / place.width, box[3] / place.height);
    box[0] -= event.movementX * scale;
    box[1] -= event.movementY * scale;
    setBox();
  });
  list.addEventListener("click", (event) => {
    const svg = event.target.closest(".scene");
    if (svg) open(svg);
  });
  $("#close").addEventListener("click", () => large.close());
  $("#keys").addEventListener("click", () => $("#help").showModal());
  $("#help-close").addEventListener("click", () => $("#help").close());

  // The keyboard.
  let current = null;
  const go = (step) => {
    if (!shown.length) return;
    const at = shown.indexOf(current);
    const next = at < 0 ? (step > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + step, 0), shown.length - 1);
    if (current) current.classList.remove("current");
    current = shown[next];
    current.classList.add("current");
    draw(current);
    current.scrollIntoView({ block: "start" });
    if (large.open) {
      const svg = $(".scene", current);
      if (svg) open(svg); else large.close();
    }
  };
  const keys = {
    j: () => go(1), ArrowRight: () => go(1), k: () => go(-1), ArrowLeft: () => go(-1),
    v: () => show(views[(views.indexOf(view()) + 1) % views.length]),
    b: () => show(view() === "before" ? "after" : "before"),
    "/": () => search.focus(), "?": () => $("#help").showModal(),
    "+": () => large.open && zoom(1 / 1.3), "-": () => large.open && zoom(1.3),
    0: () => { if (large.open) { box = [...fit]; setBox(); } },
    Enter: () => { const svg = current && $(".scene", current); if (svg && !large.open) open(svg); },
  };
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (typing && event.key === "Escape") event.target.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    if (event.key === "Enter" && event.target !== document.body && event.target !== current) return;
    event.preventDefault();
    keys[event.key]();
  });
  if (innerWidth <= 800) $("#panel").open = false;
  filter();
})();
