// One map on the screen: drawn, moved and zoomed, with what lies under the pointer.
// Nothing but a 2D canvas is needed: many points are written pixel by pixel, a few are drawn.

const FULL = 65535;
const MARGIN = 1.04;
const MOST_DRAWN = 4000; // as discs with smooth edges; more take longer than a frame
const MOST_PICTURES = 60;
const REACH = 12; // pixels from the pointer to a point
const STEP = 1.5; // of one zoom
const CLOSEST = 3000; // times the whole map

class Pane {
  // `atlas` has the palette and the tools; `told` is what the page says of this map.
  constructor(atlas, told) {
    this.atlas = atlas;
    this.told = told;
    this.element = document.createElement("section");
    this.element.className = "pane";
    this.element.innerHTML =
      '<h3></h3><div class="stage" tabindex="0" role="application"><canvas></canvas>' +
      '<div class="pictures"></div><canvas class="over"></canvas>' +
      '<div class="card" hidden><img alt=""><div><b></b><span></span>' +
      '<button type="button">Find works like it</button></div></div></div>';
    this.stage = this.element.querySelector(".stage");
    [this.canvas, this.over] = this.element.querySelectorAll("canvas");
    this.pictures = this.element.querySelector(".pictures");
    this.card = this.element.querySelector(".card");
    this.element.querySelector("h3").textContent = told.title;
    this.stage.setAttribute(
      "aria-label",
      `Map of ${told.works.toLocaleString("en")} works under ${told.title}. ` +
        "Arrow keys move it, plus and minus zoom, 0 shows the whole map, Escape clears the choice.",
    );
    this.view = { x: FULL / 2, y: FULL / 2, zoom: 1 };
    this.hovered = this.pinned = -1;
    this.line = null;
    this.shown = new Map();
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.stage);
  }

  fill(positions, ids) {
    this.points = new Points(positions);
    this.ids = ids;
    this.categories = new Uint8Array(this.points.count);
    this.chosen = null;
    this.resize();
  }

  resize() {
    const { width, height } = this.stage.getBoundingClientRect();
    if (!width || !height) return;
    [this.width, this.height] = [width, height];
    this.ratio = Math.min(2, window.devicePixelRatio || 1);
    for (const canvas of [this.canvas, this.over]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    this.pixels = null;
    this.draw();
  }

  // Pixels for one step of the map.
  get scale() {
    return (this.view.zoom * Math.min(this.width, this.height)) / (FULL * MARGIN);
  }

  toScreen(x, y) {
    const { scale, view } = this;
    return [(x - view.x) * scale + this.width / 2, this.height / 2 - (y - view.y) * scale];
  }

  toMap(x, y) {
    const { scale, view } = this;
    return [(x - this.width / 2) / scale + view.x, (this.height / 2 - y) / scale + view.y];
  }

  placeOf(i) {
    const { positions } = this.points;
    return this.toScreen(positions[2 * i], positions[2 * i + 1]);
  }

  box(beyond = 0) {
    const [left, bottom] = this.toMap(-beyond, this.height + beyond);
    const [right, top] = this.toMap(this.width + beyond, -beyond);
    return [left, bottom, right, top];
  }

  // Radius of a point in pixels: the fewer there are and the nearer one looks, the larger.
  get radius() {
    const room = (this.width * this.height) / this.points.count;
    return Math.min(9, Math.max(0.9, 0.16 * Math.sqrt(room)) * Math.min(3, this.view.zoom ** 0.35));
  }

  draw() {
    if (this.waiting || !this.points || !this.width) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const inView = this.points.inBox(...this.box(12), MOST_DRAWN + 1);
      if (inView.length > MOST_DRAWN) this.drawPixels();
      else this.drawDiscs(inView);
      this.drawOver();
      clearTimeout(this.later);
      this.later = setTimeout(() => this.showPictures(), 120);
    });
  }

  isLit(i) {
    const { only } = this.atlas;
    return this.chosen?.[i] !== 0 && (only === null || this.categories[i] === only);
  }

  drawDiscs(inView) {
    const context = this.canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const { radius } = this;
    context.lineWidth = 0.7;
    context.strokeStyle = this.atlas.background;
    for (const lit of [false, true]) {
      for (const i of inView) {
        if (this.isLit(i) !== lit) continue;
        const [x, y] = this.placeOf(i);
        context.fillStyle = lit ? this.atlas.palette[this.categories[i]] : this.atlas.unlit;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fill();
        if (radius > 3) context.stroke();
      }
    }
  }

  drawPixels() {
    const { width, height } = this.canvas;
    const context = this.canvas.getContext("2d");
    this.pixels ??= context.createImageData(width, height);
    const image = new Uint32Array(this.pixels.data.buffer);
    image.fill(0);
    const size = Math.max(1, Math.round(2 * this.radius * this.ratio));
    const widths = Array.from({ length: size }, (_, row) => {
      const off = row + 0.5 - size / 2;
      return Math.max(1, Math.round(2 * Math.sqrt((size * size) / 4 - off * off)));
    });
    const { positions, count } = this.points;
    const scale = this.scale * this.ratio;
    const left = width / 2 - this.view.x * scale;
    const top = height / 2 + this.view.y * scale - size / 2;
    const { unlitPixel, palettePixels } = this.atlas;
    const everything = !this.chosen && this.atlas.only === null;
    for (const lit of everything ? [true] : [false, true]) {
      for (let i = 0; i < count; i++) {
        const x = Math.round(positions[2 * i] * scale + left);
        const y = Math.round(top - positions[2 * i + 1] * scale);
        if (x < -size || x > width + size || y < -size || y >= height) continue;
        if (!everything && this.isLit(i) !== lit) continue;
        const colour = lit ? palettePixels[this.categories[i]] : unlitPixel;
        for (let row = 0; row < size; row++) {
          if (y + row < 0 || y + row >= height) continue;
          const first = Math.max(0, x - (widths[row] >> 1));
          const end = Math.min(width, x - (widths[row] >> 1) + widths[row]);
          for (let at = first, start = (y + row) * width; at < end; at++) image[start + at] = colour;
        }
      }
    }
    context.putImageData(this.pixels, 0, 0);
  }

  drawOver() {
    const context = this.over.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const ring = (i, size, colour, thick) => {
      const [x, y] = this.placeOf(i);
      for (const [line, stroke] of [[thick + 2, this.atlas.background], [thick, colour]]) {
        context.lineWidth = line;
        context.strokeStyle = stroke;
        context.beginPath();
        context.arc(x, y, size, 0, 2 * Math.PI);
        context.stroke();
      }
    };
    const { radius } = this;
    for (const i of this.told.hits) ring(i, radius + 3, this.atlas.ink, 1.6);
    for (const i of this.told.examples) ring(i, radius + 5, this.atlas.accent, 3);
    const looked = this.pinned >= 0 ? this.pinned : this.hovered;
    if (looked >= 0) ring(looked, radius + 2.5, this.atlas.ink, 2);
    const line = this.line ?? this.corners?.map(([x, y]) => this.toScreen(x, y));
    if (!line) return;
    context.beginPath();
    line.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (!this.line) context.closePath();
    context.lineWidth = 1.6;
    context.strokeStyle = this.atlas.accent;
    context.setLineDash(this.line ? [] : [5, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  // Pictures in the place of points, where few are in view.
  showPictures() {
    const inView = this.points.inBox(...this.box(), MOST_PICTURES + 1);
    const few = inView.length <= MOST_PICTURES && this.ids ? inView.filter((i) => this.isLit(i)) : [];
    const wanted = new Set(few);
    for (const [i, image] of this.shown) {
      if (wanted.has(i)) continue;
      image.remove();
      this.shown.delete(i);
    }
    const side = Math.min(110, Math.max(36, Math.sqrt((this.width * this.height) / (few.length * 3))));
    for (const i of few) {
      if (!this.shown.has(i)) {
        const image = document.createElement("img");
        image.alt = "";
        image.onerror = () => image.remove();
        this.atlas.picture(this.ids, i, 128).then((address) => (image.src = address));
        this.pictures.append(image);
        this.shown.set(i, image);
      }
      const [x, y] = this.placeOf(i);
      Object.assign(this.shown.get(i).style, {
        left: `${x}px`, top: `${y}px`, maxWidth: `${side}px`, maxHeight: `${side}px`,
        borderColor: this.atlas.palette[this.categories[i]],
      });
    }
  }

  moveTo(x, y, zoom) {
    const within = (value, least, most) => Math.min(most, Math.max(least, value));
    this.view = {
      x: within(x, 0, FULL), y: within(y, 0, FULL), zoom: within(zoom, 0.7, CLOSEST),
    };
    for (const image of this.shown.values()) image.remove();
    this.shown.clear();
    this.draw();
    if (!this.card.hidden) this.placeCard();
  }

  // What lies at a place of the screen stays there.
  zoomAt(times, x = this.width / 2, y = this.height / 2) {
    const [mapX, mapY] = this.toMap(x, y);
    const { view } = this;
    const zoom = Math.min(CLOSEST, Math.max(0.7, view.zoom * times));
    const share = view.zoom / zoom;
    this.moveTo(mapX + (view.x - mapX) * share, mapY + (view.y - mapY) * share, zoom);
  }

  whole() {
    this.moveTo(FULL / 2, FULL / 2, 1);
  }

  placeAt(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  listen() {
    const fingers = new Map();
    let moved = false;
    this.stage.onpointerdown = (event) => {
      if (event.target.closest(".card") || event.button > 0) return;
      this.stage.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, this.placeAt(event));
      moved = false;
      this.line = this.atlas.drawing && fingers.size === 1 ? [this.placeAt(event)] : null;
    };
    this.stage.onpointermove = (event) => {
      if (!this.points) return;
      const at = this.placeAt(event);
      const before = fingers.get(event.pointerId);
      if (!before) {
        if (event.pointerType !== "touch" && !event.target.closest(".card")) this.hoverAt(at);
        return;
      }
      if (!moved && Math.hypot(at[0] - before[0], at[1] - before[1]) < 4) return;
      moved = true;
      const { view, scale } = this;
      if (fingers.size === 2) {
        const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
        const apart = (place) => Math.max(8, Math.hypot(place[0] - other[0], place[1] - other[1]));
        this.zoomAt(apart(at) / apart(before), (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
      } else if (this.line) {
        this.line.push(at);
        this.drawOver();
      } else if (fingers.size === 1) {
        this.moveTo(view.x - (at[0] - before[0]) / scale, view.y + (at[1] - before[1]) / scale, view.zoom);
      }
      fingers.set(event.pointerId, at);
    };
    this.stage.onpointerup = (event) => {
      if (!fingers.delete(event.pointerId) || !this.points) return;
      const { line } = this;
      this.line = null;
      if (line && line.length > 4) this.choose(line);
      else if (!moved) this.pinAt(this.placeAt(event));
    };
    this.stage.onpointercancel = (event) => {
      fingers.delete(event.pointerId);
      this.line = null;
      this.drawOver();
    };
    this.stage.onpointerleave = () => this.hoverAt(null);
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomAt(1.0016 ** -event.deltaY, ...this.placeAt(event));
    }, { passive: false });
    this.stage.onkeydown = (event) => this.onKey(event);
    this.card.querySelector("button").onclick = () => this.atlas.open(idAt(this.ids, this.looked));
  }

  onKey(event) {
    const { view } = this;
    const far = 80 / this.scale;
    const [x, y] = {
      ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, far], ArrowDown: [0, -far],
    }[event.key] ?? [0, 0];
    if (x || y) this.moveTo(view.x + x, view.y + y, view.zoom);
    else if (event.key === "+" || event.key === "=") this.zoomAt(STEP);
    else if (event.key === "-") this.zoomAt(1 / STEP);
    else if (event.key === "0") this.whole();
    else if (event.key === "Escape") this.pinned >= 0 ? this.pin(-1) : this.atlas.choose(null);
    else return;
    event.preventDefault();
  }

  // The corners are whole steps of the map, as an address has them.
  choose(line) {
    const corners = simplified(line, MOST_CORNERS).map(([x, y]) =>
      this.toMap(x, y).map((value) => Math.round(Math.min(FULL, Math.max(0, value)))),
    );
    this.atlas.choose({ model: this.told.model, corners });
  }

  chooseView() {
    this.choose([[0, 0], [this.width, 0], [this.width, this.height], [0, this.height]]);
  }

  at([x, y]) {
    return this.points.nearest(...this.toMap(x, y), (REACH + this.radius) / this.scale);
  }

  hoverAt(place) {
    if (!this.points) return;
    const found = place && !this.atlas.drawing ? this.at(place) : -1;
    if (found === this.hovered) return;
    this.hovered = found;
    this.drawOver();
    if (this.pinned < 0) this.showCard(found);
  }

  pinAt(place) {
    this.pin(this.atlas.drawing ? -1 : this.at(place));
  }

  pin(i) {
    this.pinned = i;
    this.card.classList.toggle("pinned", i >= 0);
    this.drawOver();
    this.showCard(i);
  }

  showCard(i) {
    this.looked = i;
    this.card.hidden = i < 0 || !this.ids;
    if (this.card.hidden) return;
    const [image, title, by] = ["img", "b", "span"].map((part) => this.card.querySelector(part));
    image.removeAttribute("src");
    title.textContent = by.textContent = "";
    this.atlas.picture(this.ids, i, 256).then((address) => {
      if (this.looked === i) image.src = address;
    });
    this.atlas.facts(idAt(this.ids, i)).then((facts) => {
      if (this.looked !== i || !facts) return;
      title.textContent = facts.title;
      by.textContent = [facts.artist, facts.year, facts.style].filter(Boolean).join(", ");
      this.placeCard();
    });
    this.placeCard();
  }

  placeCard() {
    const [x, y] = this.placeOf(this.looked);
    const { offsetWidth, offsetHeight } = this.card;
    const left = x + 16 + offsetWidth > this.width ? x - 16 - offsetWidth : x + 16;
    const top = Math.min(this.height - offsetHeight - 6, y - offsetHeight / 3);
    this.card.style.left = `${Math.max(6, left)}px`;
    this.card.style.top = `${Math.max(6, top)}px`;
  }
}
