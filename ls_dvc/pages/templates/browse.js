"use strict";
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const TILES = 48; // in an answer of the server
  const TALLEST = 12e6; // pixels that browsers scroll without a fault
  const GAP = 12;
  const FRESH = 8; // tiles that are drawn in a frame, so that scrolling goes on
  const SIDES = { small: 150, medium: 220, large: 340 };
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const count = (number) => number.toLocaleString("en");

  // Elements; all text becomes text nodes.
  const made = (element, attributes, parts) => {
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
    element.append(...parts.filter((part) => part !== null && part !== ""));
    return element;
  };
  const html = (name, attributes = {}, ...parts) => made(document.createElement(name), attributes, parts);
  const svg = (name, attributes = {}, ...parts) => made(document.createElementNS(NS, name), attributes, parts);

  // The server.
  const problem = $("#problem");
  const complain = (text) => { problem.textContent = text; problem.hidden = !text; };
  const ask = async (path, signal) => {
    let answer;
    try {
      answer = await fetch(path, { signal });
    } catch (error) {
      if (error.name !== "AbortError") complain("ls-dvc browse does not answer: it has ended, or the connection is gone. Start it again.");
      throw error;
    }
    if (!answer.ok) throw new Error((await answer.text()).trim());
    complain(ended);
    return answer.json();
  };
  let ended = ""; // why the index is not whole

  // Search and filters; they are in the address too.
  const form = $("#filters");
  const search = $("#search");
  const query = () => {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) found.append(name, value);
    return found;
  };
  const restore = () => {
    for (const [name, value] of new URLSearchParams(location.search)) {
      const field = form.elements[name];
      if (!field) continue;
      if (field.tagName === "SELECT") field.append(html("option", { value }, value));
      field.value = value;
    }
  };
  const fillSelect = (name, values) => {
    const select = form.elements[name];
    const chosen = select.value;
    const options = values.map(([value, size]) => html("option", { value }, `${name === "annotator" ? "user " : ""}${value} (${count(size)})`));
    select.replaceChildren(html("option", { value: "" }, "all"), ...options);
    select.value = chosen;
    select.closest("label").hidden = !values.length;
  };
  const fillClasses = (values) => {
    const chosen = form.elements.label.value;
    const most = [...values].sort((one, other) => other[1] - one[1]);
    $("#classes").hidden = !values.length;
    $("#classes ul").replaceChildren(...most.map(([name, size, color]) => html("li", {}, html("button", { type: "button", "data-label": name, title: name, "aria-pressed": String(name === chosen) },
      html("span", { class: `swatch c${color}` }), html("bdi", {}, name), html("small", {}, count(size))))));
  };
  $("#classes").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const field = form.elements.label;
    field.value = field.value === button.dataset.label ? "" : button.dataset.label;
    for (const each of $$("#classes button")) each.setAttribute("aria-pressed", String(each.dataset.label === field.value));
    changed();
  });
  let typing = 0;
  form.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(changed, 150); });
  form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
  form.addEventListener("reset", () => setTimeout(() => {
    form.elements.label.value = "";
    for (const each of $$("#classes button")) each.setAttribute("aria-pressed", "false");
    changed();
  }));

  // The grid: tiles of the rows that can be seen, and of a screen before and after them.
  const main = $("#tasks");
  const space = $("#space");
  const list = $("#tiles");
  let all = 0;
  let total = 0;
  let pages = new Map(); // by number: {tiles} or {asked: AbortController}
  const shown = new Map(); // elements by position
  let grid = { columns: 1, width: 0, height: 0, rows: 0, scale: 1 };
  let cursor = 0;
  let frame = 0;

  const measure = () => {
    const style = getComputedStyle(main);
    const width = main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const side = SIDES[$("[data-size][aria-pressed=true]").dataset.size];
    const columns = Math.max(width < 500 ? 2 : 1, Math.floor((width + GAP) / (side + GAP)));
    const tile = (width - GAP * (columns - 1)) / columns;
    const height = Math.round(tile * 0.72) + 56;
    const rows = Math.ceil(total / columns);
    const real = rows * (height + GAP);
    const room = main.clientHeight;
    grid = { columns, width: tile, height, rows, scale: real > TALLEST ? (real - room) / (TALLEST - room) : 1 };
    space.style.height = `${Math.min(real, TALLEST)}px`;
  };
  const top = () => main.scrollTop * grid.scale;
  const place = (item, at) => {
    const row = Math.floor(at / grid.columns);
    const y = row * (grid.height + GAP) - top() + main.scrollTop;
    item.style.width = `${grid.width}px`;
    item.style.height = `${grid.height}px`;
    item.style.transform = `translate(${(at % grid.columns) * (grid.width + GAP)}px, ${y}px)`;
  };
  const tileAt = (at) => pages.get(Math.floor(at / TILES))?.tiles?.[at % TILES];
  const render = () => {
    const step = grid.height + GAP;
    const room = main.clientHeight;
    const first = Math.max(0, Math.floor((top() - room) / step)) * grid.columns;
    const end = Math.min(total, Math.ceil((top() + 2 * room) / step) * grid.columns);
    for (const [at, item] of shown) if (at < first || at >= end) { item.remove(); shown.delete(at); }
    let left = FRESH;
    for (const at of inOrder(first, end)) {
      const tile = tileAt(at);
      const item = shown.get(at);
      const isDue = tile && (!item || item.dataset.waits);
      if (isDue && left > 0) put(at, drawTile(tile, at));
      else if (!item) put(at, waiting(at));
      else place(item, at);
      left -= isDue ? 1 : 0;
    }
    if (left < 0) { cancelAnimationFrame(frame); frame = requestAnimationFrame(render); }
    needed(first, end);
  };
  const inOrder = (first, end) => { // what can be seen comes first
    const step = grid.height + GAP;
    const from = Math.min(Math.max(Math.floor(top() / step) * grid.columns, first), end);
    const range = (start, stop) => Array.from({ length: stop - start }, (_, number) => start + number);
    return [...range(from, end), ...range(first, from)];
  };
  const put = (at, item) => {
    const before = shown.get(at);
    if (before) before.replaceWith(item);
    else {
      let after = null; // keyboards and readers go through the tiles in their order
      for (const other of shown.keys()) if (other > at && (after === null || other < after)) after = other;
      list.insertBefore(item, after === null ? null : shown.get(after));
    }
    shown.set(at, item);
    place(item, at);
  };
  const waiting = (at) => html("li", { "data-waits": "1", class: "waiting", "aria-hidden": "true", "data-at": at }, html("div", { class: "tile" }, html("div", { class: "thumb" }), html("div", { class: "cap" })));

  let resting = 0;
  const needed = (first, end) => {
    clearTimeout(resting);
    if (!total) return; // the first answer says how many there are
    const wanted = new Set();
    for (let page = Math.floor(first / TILES); page * TILES < end; page += 1) wanted.add(page);
    for (const [page, found] of pages) {
      if (wanted.has(page)) continue;
      if (found.asked) { found.asked.abort(); pages.delete(page); } else if (pages.size > 40) pages.delete(page);
    }
    const missing = [...wanted].filter((page) => !pages.has(page));
    if (!missing.length) return;
    const middle = Math.floor((first + end) / 2 / TILES);
    missing.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
    resting = setTimeout(() => missing.forEach(load), 60);
  };
  const load = async (page) => {
    const of = pages;
    const asked = new AbortController();
    of.set(page, { asked });
    const parameters = query();
    parameters.set("from", page * TILES);
    try {
      const answer = await ask(`tiles?${parameters}`, asked.signal);
      of.set(page, answer);
      if (of !== pages) return;
      setTotal(answer.total);
      render();
    } catch (error) {
      of.delete(page);
      if (error.name !== "AbortError" && problem.hidden) complain(error.message);
    }
  };
  const setTotal = (number) => {
    const differs = number !== total;
    total = number;
    $("#shown").textContent = number === all ? `${count(all)} tasks` : `${count(number)} of ${count(all)} tasks`;
    $("#none").hidden = number > 0;
    if (differs) measure();
  };
  const forget = () => {
    for (const found of pages.values()) found.asked?.abort();
    pages = new Map();
    for (const item of shown.values()) item.remove();
    shown.clear();
  };
  const changed = () => {
    history.replaceState(null, "", `?${query()}${location.hash}`.replace(/^\?(?=#|$)/, location.pathname));
    forget();
    cursor = 0;
    main.scrollTop = 0;
    load(0);
  };
  main.addEventListener("scroll", () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(render); }, { passive: true });
  new ResizeObserver(() => {
    const before = Math.floor(top() / (grid.height + GAP)) * grid.columns;
    measure();
    main.scrollTop = Math.floor(before / grid.columns) * (grid.height + GAP) / grid.scale;
    render();
  }).observe(main);
  for (const button of $$("[data-size]")) {
    button.addEventListener("click", () => {
      for (const each of $$("[data-size]")) each.setAttribute("aria-pressed", String(each === button));
      reveal(cursor);
      for (const item of shown.values()) item.remove();
      shown.clear();
      measure();
      reveal(cursor);
      render();
    });
  }

  // Tiles.
  const marks = (runs) => runs.map(([text, color, label, ends]) => {
    const part = color < 0 ? text : html("mark", { class: `c${color}`, title: label }, text);
    return ends.length ? html("span", {}, part, ...ends.map((end) => html("sup", {}, html("bdi", {}, end)))) : part;
  });
  const paths = (image) => image.shapes.map(([d, color, pair, label, relates]) => svg("path", { d, class: `shape s-both c${color}${relates ? " arrow" : ""}`, "data-pair": pair }, svg("title", {}, label)));
  const picture = (image, task, size) => {
    const shape = svg("image", { width: image.w, height: image.h, preserveAspectRatio: "none", href: `${size}/${task}/${image.media}` });
    shape.addEventListener("error", async () => {
      const holder = shape.ownerSVGElement?.parentElement;
      if (!holder || $(".lack", holder)) return;
      const lack = html("p", { class: "lack" }, "no picture");
      holder.append(lack);
      const { reason } = await ask(`why/${task}/${image.media}`);
      lack.textContent = reason || "reload to see the picture";
      lack.title = reason;
    });
    return shape;
  };
  const bars = (line, height, kind) => {
    const scale = line.length > 0 ? 1000 / line.length : 0;
    return svg("svg", { viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none", class: kind, role: "img", "aria-label": `${line.parts.length} segments` },
      ...line.parts.map(([start, end, color, pair, label]) => svg("rect", { x: start * scale, y: 4, width: Math.max((end - start) * scale, 2), height: height - 8, rx: 2, class: `part c${color}`, "data-pair": pair },
        svg("title", {}, `${label} (${+start.toFixed(3)} to ${+end.toFixed(3)} ${line.unit})`))));
  };
  const thumb = (tile) => {
    const { image, text, line } = tile;
    if (image) {
      const drawing = svg("svg", { viewBox: `0 0 ${image.w} ${image.h}`, "aria-hidden": "true" });
      if (!image.problem) drawing.append(picture(image, tile.id, "small"));
      drawing.append(...paths(image));
      return html("div", { class: "thumb" }, drawing, image.problem ? html("p", { class: "lack", title: image.problem }, image.problem) : "", tile.images > 1 ? html("span", { class: "several" }, `1 of ${tile.images}`) : "");
    }
    if (text) return html("div", { class: "thumb" }, html("div", { class: "snippet", dir: "auto" }, ...marks(text)));
    if (line) return html("div", { class: "thumb" }, html("div", { class: "mini" }, bars(line, 34, "")));
    return html("div", { class: "thumb" }, html("p", { class: "nothing" }, tile.answers.join(" · ") || tile.name || "nothing to draw"));
  };
  const chips = (tile) => {
    if (!tile.labels.length) return [tile.answers.join(" · ") || tile.state];
    return tile.labels.slice(0, 4).map(([label, color]) => html("span", {}, html("i", { class: `swatch c${color}` }), html("bdi", {}, label)));
  };
  const drawTile = (tile, at) => html("li", { "data-at": at }, html("a", { class: "tile", href: `#t${tile.id}` },
    thumb(tile),
    html("div", { class: "cap" },
      html("bdi", { class: "name", title: tile.name }, tile.name || `task ${tile.id}`), html("span", { class: "number" }, tile.id),
      html("span", { class: "chips" }, ...chips(tile)), html("span", { class: "of" }, tile.split))));

  // One task.
  const view = $("#view");
  let task = null;
  const zooming = new Map(); // by svg: {box, fit}
  const hashId = () => /^#t(\d{1,18})$/.exec(location.hash)?.[1] || "";

  const setBox = (drawing, box) => { zooming.get(drawing).box = box; drawing.setAttribute("viewBox", box.join(" ")); };
  const zoom = (drawing, factor, x = 0.5, y = 0.5) => {
    const { box, fit } = zooming.get(drawing);
    const width = Math.min(Math.max(box[2] * factor, fit[2] / 80), fit[2] * 1.5);
    const height = width * fit[3] / fit[2];
    setBox(drawing, [box[0] + (box[2] - width) * x, box[1] + (box[3] - height) * y, width, height]);
  };
  const names = (drawing, image) => {
    const unit = Math.max(image.w / (drawing.clientWidth || 640), image.h / (drawing.clientHeight || 480));
    for (const [d, , pair, label] of image.shapes.slice(0, 200)) {
      const start = /^M(-?[\d.]+) (-?[\d.]+)/.exec(d);
      if (!label || !start) continue;
      const x = Math.min(Math.max(Number(start[1]), 2 * unit), image.w - 20 * unit);
      const y = Math.min(Math.max(Number(start[2]) - 5 * unit, 13 * unit), image.h - 4 * unit);
      drawing.append(svg("text", { x, y, class: "tagtext", "data-pair": pair, "font-size": 12 * unit, "stroke-width": 3 * unit }, label));
    }
  };
  const stage = (image) => {
    const drawing = svg("svg", { viewBox: `0 0 ${image.w} ${image.h}`, role: "img", "aria-label": `${image.name}, ${image.shapes.length} regions` });
    zooming.set(drawing, { box: [0, 0, image.w, image.h], fit: [0, 0, image.w, image.h] });
    if (!image.problem) drawing.append(picture(image, task.id, "large"));
    drawing.append(...paths(image));
    drawing.addEventListener("wheel", (event) => {
      if (zooming.size > 1 && !event.ctrlKey) return; // several images are scrolled through
      event.preventDefault();
      const at = drawing.getBoundingClientRect();
      zoom(drawing, event.deltaY > 0 ? 1.15 : 1 / 1.15, (event.clientX - at.left) / at.width, (event.clientY - at.top) / at.height);
    }, { passive: false });
    drawing.addEventListener("pointerdown", (event) => drawing.setPointerCapture(event.pointerId));
    drawing.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      const { box } = zooming.get(drawing);
      const scale = Math.max(box[2] / drawing.clientWidth, box[3] / drawing.clientHeight);
      setBox(drawing, [box[0] - event.movementX * scale, box[1] - event.movementY * scale, box[2], box[3]]);
    });
    const button = (text, label, act) => { const it = html("button", { type: "button", "aria-label": label, title: label }, text); it.addEventListener("click", act); return it; };
    const size = image.known ? `${image.w} × ${image.h}` : "size not known";
    requestAnimationFrame(() => names(drawing, image));
    return html("figure", { class: "stage" }, drawing,
      html("div", { class: "zoom" }, button("+", "Zoom in (+)", () => zoom(drawing, 1 / 1.4)), button("−", "Zoom out (-)", () => zoom(drawing, 1.4)), button("Fit", "Fit (0)", () => setBox(drawing, [...zooming.get(drawing).fit]))),
      image.problem ? html("p", { class: "lack" }, image.problem) : "",
      html("figcaption", {}, `${image.name} · ${size}${image.more ? ` · ${count(image.more)} more shapes are not drawn` : ""}`));
  };
  const follow = (strip, player, line) => { // a click on a segment plays it
    const head = svg("line", { class: "playhead", y1: 0, y2: 48, x1: -9, x2: -9 });
    strip.append(head);
    player.addEventListener("timeupdate", () => { for (const end of ["x1", "x2"]) head.setAttribute(end, 1000 * player.currentTime / (line.length || 1)); });
    $$("rect", strip).forEach((part, number) => {
      part.classList.add("seeks");
      part.addEventListener("click", () => { player.currentTime = line.parts[number][0]; player.play().catch(() => {}); });
    });
  };
  const recording = (line) => {
    const card = html("figure", { class: "card" });
    if (line.player) {
      const player = html(line.player, { controls: "", preload: "none", src: `file/${task.id}/${line.media}` });
      player.addEventListener("error", async () => {
        const { reason } = await ask(`why/${task.id}/${line.media}`);
        player.replaceWith(html("p", { class: "hint" }, /not here/.test(reason) ? reason : "this browser cannot play the recording"));
      });
      card.append(player);
    }
    const strip = bars(line, 48, "strip");
    if (line.player === "audio") follow(strip, $("audio", card), line);
    const words = [line.name, line.length ? `${+line.length.toPrecision(6)} ${line.unit}`.trim() : "", line.problem];
    card.append(strip, html("figcaption", {}, words.filter(Boolean).join(" · ")));
    return card;
  };
  const table = (rows) => html("table", {}, html("tbody", {}, ...rows.map(([name, value]) => html("tr", {}, html("th", { scope: "row" }, html("bdi", {}, name)), html("td", { dir: "auto" }, value)))));
  const section = (title, extra, ...parts) => html("section", {}, html("h3", {}, title, html("small", {}, extra)), ...parts);
  const people = () => html("ul", {}, ...task.results.map((result, number) => {
    const box = html("input", { type: "checkbox", value: number });
    box.checked = !result.is_prediction || task.results.every((each) => each.is_prediction);
    return html("li", {}, html("label", { class: "person" }, box, html("span", {}, html("bdi", {}, result.author), " ", html("small", {}, result.facts.join(" · "))), html("small", {}, count(result.regions))));
  }));
  const about = () => {
    const parts = [section(task.state, task.split, task.results.length ? people() : html("p", { class: "hint" }, "no annotation"))];
    const regions = task.regions.map(([pair, result, label, words, id, color]) => html("li", { class: "region", tabindex: 0, "data-pair": pair, "data-result": result, title: id },
      html("span", { class: `swatch c${color}` }), html("span", {}, html("b", {}, html("bdi", {}, label)), " ", html("bdi", {}, words))));
    if (regions.length) parts.push(section("Regions", count(regions.length), html("ul", { id: "regions" }, ...regions)));
    const who = (result) => (task.results.length > 1 ? ` (${task.results[result].author})` : "");
    if (task.answers.length) parts.push(section("Answers", "", table(task.answers.map(([control, answer, result]) => [control, answer + who(result)]))));
    if (task.reasons.length) parts.push(section("Left out by formats", "", html("ul", {}, ...task.reasons.map((reason) => html("li", {}, reason)))));
    if (task.data.length) parts.push(section("Data", "", table(task.data)));
    return parts;
  };
  const choosePeople = () => {
    const on = new Set($$(".person input:checked").map((box) => Number(box.value)));
    for (const part of $$("#view [data-pair]")) part.classList.toggle("off", !on.has(task.owners[Number(part.dataset.pair)]));
  };
  const draw = () => {
    $("#view-title").replaceChildren(`task ${task.id}`, html("bdi", {}, task.name));
    document.title = `task ${task.id} ${task.name}`;
    $("#position").textContent = task.position ? `${count(task.position)} of ${count(task.total)}` : "";
    $("#previous").disabled = !task.previous;
    $("#next").disabled = !task.next;
    $("#link").hidden = !task.link;
    if (task.link) $("#link").href = task.link;
    zooming.clear();
    const texts = task.texts.map(([name, runs]) => html("div", { class: "card" }, html("h3", {}, name), html("p", { dir: "auto" }, ...marks(runs))));
    const parts = [...task.images.map(stage), ...task.lines.map(recording), ...texts];
    $("#shows").replaceChildren(...(parts.length ? parts : [html("p", { class: "empty" }, "There is nothing to draw: its data is on the side.")]));
    $("#about").replaceChildren(...about());
    $("#shows").scrollTop = 0;
    $("#about").scrollTop = 0;
    requestAnimationFrame(choosePeople);
  };
  const known = new Map(); // answers about tasks that may be next
  const askTask = (id) => {
    const parameters = query();
    parameters.set("id", id);
    const key = parameters.toString();
    if (!known.has(key)) {
      if (known.size > 30) known.delete(known.keys().next().value);
      known.set(key, ask(`task?${key}`).catch((error) => { known.delete(key); throw error; }));
    }
    return known.get(key);
  };
  const prefetch = async (id) => {
    if (!id) return;
    const found = await askTask(id);
    const image = found.images[0];
    if (image && !image.problem) new Image().src = `large/${found.id}/${image.media}`;
  };
  const open = async () => {
    const id = hashId();
    view.hidden = !id;
    $(".browse > .body").inert = Boolean(id);
    if (!id) {
      document.title = title;
      if (task) focusTile();
      task = null;
      return;
    }
    try {
      const found = await askTask(id);
      if (hashId() !== id) return;
      task = found;
      if (task.position) cursor = task.position - 1;
      draw();
      if (!view.contains(document.activeElement)) $("#view-title").focus();
      prefetch(task.next).then(() => prefetch(task?.previous)).catch(() => {});
    } catch (error) {
      $("#view-title").replaceChildren(`task ${id}`);
      $("#about").replaceChildren();
      $("#shows").replaceChildren(html("p", { class: "empty" }, error.message));
    }
  };
  const title = document.title;
  const go = (id) => { if (id) { history.replaceState(null, "", `${location.search}#t${id}`); open(); } };
  const close = () => { history.pushState(null, "", location.pathname + location.search); open(); };
  addEventListener("hashchange", open);
  addEventListener("popstate", () => { if (!hashId() && !view.hidden) open(); });
  $("#back").addEventListener("click", close);
  $("#previous").addEventListener("click", () => go(task?.previous));
  $("#next").addEventListener("click", () => go(task?.next));
  $("#about").addEventListener("change", choosePeople);
  const light = (from, on) => {
    for (const part of $$(`#view [data-pair="${from.dataset.pair}"]`)) part.classList.toggle("lit", on);
    for (const figure of $$("#shows figure")) figure.classList.toggle("dim", on && Boolean($(".lit", figure)));
  };
  for (const [event, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    view.addEventListener(event, (happened) => {
      const part = happened.target.closest("[data-pair]");
      if (part) light(part, on);
    });
  }

  $("#about").addEventListener("click", (event) => { // a region is shown large, and a second click fits
    const pair = event.target.closest("li.region")?.dataset.pair;
    const path = pair && $(`.stage path[data-pair="${pair}"]`);
    if (!path) return;
    const drawing = path.ownerSVGElement;
    const { box, fit } = zooming.get(drawing);
    const { x, y, width, height } = path.getBBox();
    const wide = Math.min(Math.max(width, height * fit[2] / fit[3], fit[2] / 40) * 1.8, fit[2]);
    const tall = wide * fit[3] / fit[2];
    const close = [x + width / 2 - wide / 2, y + height / 2 - tall / 2, wide, tall];
    setBox(drawing, close.join() === box.join() ? [...fit] : close);
  });

  // The keyboard.
  const reveal = (at) => {
    const step = grid.height + GAP;
    const y = Math.floor(at / grid.columns) * step;
    if (y < top()) main.scrollTop = y / grid.scale;
    else if (y + step > top() + main.clientHeight) main.scrollTop = (y + step - main.clientHeight + GAP) / grid.scale;
  };
  const focusTile = (tries = 40) => {
    if (tries === 40) { reveal(cursor); render(); }
    const item = shown.get(cursor);
    if (item && !item.dataset.waits) item.firstElementChild.focus({ preventScroll: true });
    else if (tries) setTimeout(focusTile, 80, tries - 1);
  };
  const move = (step) => {
    const from = document.activeElement.closest("[data-at]");
    cursor = from ? Math.min(Math.max(Number(from.dataset.at) + step, 0), total - 1) : cursor;
    focusTile();
  };
  const labels = $("#labels");
  const toggle = () => labels.setAttribute("aria-pressed", String(!document.body.classList.toggle("hide-labels")));
  labels.addEventListener("click", toggle);
  $("#keys").addEventListener("click", () => $("#help").showModal());
  $("#help-close").addEventListener("click", () => $("#help").close());
  const stages = (act) => zooming.forEach((_, drawing) => act(drawing));
  const common = { l: toggle, "?": () => $("#help").showModal() };
  const inView = {
    j: () => go(task?.next), ArrowRight: () => go(task?.next), k: () => go(task?.previous), ArrowLeft: () => go(task?.previous), Escape: close,
    "+": () => stages((each) => zoom(each, 1 / 1.3)), "-": () => stages((each) => zoom(each, 1.3)), 0: () => stages((each) => setBox(each, [...zooming.get(each).fit])),
  };
  const inGrid = {
    "/": () => { search.focus(); search.select(); },
    ArrowRight: () => move(1), ArrowLeft: () => move(-1), ArrowDown: () => move(grid.columns), ArrowUp: () => move(-grid.columns), j: () => move(1), k: () => move(-1),
  };
  addEventListener("keydown", (event) => {
    const field = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (field && event.key === "Escape") event.target.blur();
    if (field && event.target === search && event.key === "ArrowDown") { event.target.blur(); cursor = 0; move(0); event.preventDefault(); }
    if (field || event.ctrlKey || event.metaKey || event.altKey || $("#help").open || event.target.closest("audio, video")) return;
    const act = (view.hidden ? inGrid : inView)[event.key] || common[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // The beginning.
  const bar = $("#progress");
  const summary = async () => {
    const found = await ask("summary");
    const grew = found.indexed !== bar.value;
    all = found.tasks;
    ended = found.problem;
    complain(ended);
    $("#facts").textContent = found.facts.map((fact) => fact.join(" ")).join(" · ");
    for (const name of ["state", "split", "annotator", "reason"]) fillSelect(name, found.facets[name]);
    fillClasses(found.facets.label);
    bar.max = Math.max(found.tasks, 1);
    bar.value = found.indexed;
    bar.hidden = found.done;
    if (grew) {
      for (const [page, { tiles }] of pages) if (tiles && tiles.length < TILES) pages.delete(page);
      load(pages.size ? Math.floor(total / TILES) : 0);
    }
    if (!found.done) setTimeout(summary, found.indexed ? 700 : 100);
  };
  if (innerWidth <= 800) $("#panel").open = false;
  restore();
  measure();
  summary().catch(() => {});
  open();
})();
