// The map of the collection, or two of them side by side with one choice of works.

const MOST_CORNERS = 120;
const CATEGORIES = [
  "#4269d0", "#e39a00", "#e4572e", "#2f9c95", "#3ca951", "#e66aa7", "#8b4fd6", "#7aa5ee",
  "#8a5a3c", "#12646e", "#a8322d", "#7f8c1f",
];
const EARLY_TO_LATE = ["#4b2a7b", "#3b5b9d", "#22858a", "#58a862", "#c2b93a", "#e3872d", "#c8402f"];

class Atlas {
  constructor(root) {
    this.root = root;
    this.tools = root.querySelector(".tools");
    this.legend = root.querySelector(".legend");
    this.status = root.querySelector("[role=status]");
    this.panes = [];
    this.fetched = new Map();
    this.only = null;
    this.drawing = false;
    this.area = null;
    this.palette = [];
    const tool = (name, act) => {
      this.tools.querySelector(`[data-tool=${name}]`).onclick = act;
    };
    tool("move", () => this.draw(false));
    tool("draw", () => this.draw(true));
    tool("view", () => this.panes[0]?.chooseView());
    tool("in", () => this.panes.forEach((pane) => pane.zoomAt(STEP)));
    tool("out", () => this.panes.forEach((pane) => pane.zoomAt(1 / STEP)));
    tool("whole", () => this.panes.forEach((pane) => pane.whole()));
    this.draw(false);
  }

  show(data, tell, trigger) {
    Object.assign(this, { data, tell });
    this.open = (work) => trigger("open", work);
    const maps = data.panes.map((told) => `${told.model} ${told.version}`).join("|");
    if (maps !== this.maps) {
      this.maps = maps;
      this.panes = data.panes.map((told) => new Pane(this, told));
      this.root.querySelector(".panes").replaceChildren(...this.panes.map((pane) => pane.element));
      this.by = this.area = null;
      this.paint();
      // Ids are four times as much as places: points are shown before them.
      this.placed = this.fetchAll("", (pane, data) => pane.fill(new Uint16Array(data)));
      this.named = this.placed.then(() =>
        this.fetchAll("/ids", (pane, data) => (pane.ids = new DataView(data))),
      );
    }
    this.panes.forEach((pane, at) => (pane.told = data.panes[at]));
    this.follow(this.maps).catch((error) => {
      console.error(error);
      this.say("The map cannot be fetched. Reload the page to try again.");
    });
  }

  async follow(maps) {
    const { by, area } = this.data;
    await this.placed;
    if (by !== this.by) await this.colour(by);
    else this.paint(); // the theme may be another now
    this.panes.forEach((pane) => pane.draw());
    await this.named;
    if (maps !== this.maps) return;
    if (area !== this.area) this.mark(area);
    this.root.dataset.state = "ready";
  }

  fetchAll(part, use) {
    return Promise.all(
      this.panes.map(async (pane) => {
        const address = `/api/maps/${pane.told.model}${part}?v=${pane.told.version}`;
        use(pane, await (await this.get(address)).arrayBuffer());
      }),
    );
  }

  async colour(by) {
    this.by = by;
    this.only = null;
    const found = await Promise.all(
      this.panes.map(async (pane) => {
        const { model, version } = pane.told;
        return (await this.get(`/api/maps/${model}/colours?by=${by}&v=${version}`)).json();
      }),
    );
    if (by !== this.by) return;
    // Both maps show one legend; a work has the same value on both.
    this.categories = found[0].legend;
    const place = new Map(this.categories.map(({ kind, label }, at) => [kind + label, at]));
    const other = place.get("other") ?? this.categories.length;
    found.forEach(({ legend, categories }, at) => {
      const number = legend.map(({ kind, label }) => place.get(kind + label) ?? other);
      const bytes = Uint8Array.from(atob(categories), (letter) => number[letter.charCodeAt(0)]);
      // The map may just have been drawn anew.
      if (bytes.length === this.panes[at].points.count) this.panes[at].categories = bytes;
    });
    this.paint();
  }

  // Take the colours of the page's theme over.
  paint() {
    const style = getComputedStyle(this.root);
    const value = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    this.background = value("--st-background-color", "#ffffff");
    this.ink = value("--st-text-color", "#222222");
    this.accent = value("--st-primary-color", "#8a3b2e");
    const [red, green, blue] = channels(this.background);
    const dark = red + green + blue < 384;
    this.unlit = dark ? "#35322e" : "#e2ddd3";
    const other = dark ? "#827b70" : "#aaa397";
    const labels = (this.categories ?? []).filter(({ kind }) => kind === "value").length;
    this.palette = (this.categories ?? []).map(({ kind }, at) => {
      if (kind === "none") return dark ? "#57534d" : "#cdc7bb";
      if (kind === "other") return other;
      return this.by === "year" ? between(EARLY_TO_LATE, at / Math.max(1, labels - 1))
        : CATEGORIES[at % CATEGORIES.length];
    });
    this.palette.push(other);
    const pixel = (colour) => {
      const [r, g, b] = channels(colour);
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    };
    this.palettePixels = Uint32Array.from(this.palette, pixel);
    this.unlitPixel = pixel(this.unlit);
    this.showLegend();
    this.panes.forEach((pane) => pane.draw());
  }

  showLegend() {
    const named = { other: "Other", none: "Not known" };
    this.legend.replaceChildren(
      ...(this.categories ?? []).map(({ kind, label, count }, at) => {
        const item = document.createElement("button");
        item.type = "button";
        item.setAttribute("aria-pressed", String(this.only === at));
        item.title = "Show only these in colour";
        const [spot, name, number] = ["i", "span", "small"].map((tag) => document.createElement(tag));
        spot.style.background = this.palette[at];
        name.textContent = named[kind] ?? label;
        number.textContent = count.toLocaleString("en");
        item.append(spot, name, number);
        item.onclick = () => {
          this.only = this.only === at ? null : at;
          this.showLegend();
          this.panes.forEach((pane) => pane.draw());
        };
        return item;
      }),
    );
  }

  draw(on) {
    this.drawing = on;
    this.root.classList.toggle("drawing", on);
    for (const [name, pressed] of [["move", !on], ["draw", on]]) {
      this.tools.querySelector(`[data-tool=${name}]`).setAttribute("aria-pressed", String(pressed));
    }
  }

  // Choose the works in an area, or none, and tell the server.
  choose(chosen) {
    const text = chosen && `${chosen.model}~${writeArea(chosen.corners)}`;
    this.mark(text);
    this.draw(false);
    this.tell("area", text);
  }

  mark(text) {
    this.area = text;
    const [model, corners] = text ? text.split("~") : [];
    const from = this.panes.find((pane) => pane.told.model === model);
    for (const pane of this.panes) pane.chosen = pane.corners = null;
    if (from) {
      from.corners = readArea(corners);
      from.chosen = from.points.inside(from.corners);
      for (const pane of this.panes) {
        if (pane !== from) pane.chosen = carriedOver(from.chosen, from.ids, pane.ids);
      }
      const count = from.chosen.reduce((sum, one) => sum + one, 0);
      this.say(`${count.toLocaleString("en")} ${count === 1 ? "work" : "works"} chosen`);
    } else this.say("");
    this.panes.forEach((pane) => pane.draw());
  }

  say(text) {
    this.status.textContent = text;
  }

  async get(address) {
    const headers = this.data.key ? { Authorization: `Bearer ${this.data.key}` } : {};
    const answer = await fetch(address, { headers });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer;
  }

  // The address of a work's picture; one that needs a key is fetched with it.
  picture(ids, at, size) {
    const address = `/images/${idAt(ids, at)}/${size}`;
    if (!this.data.key) return Promise.resolve(address);
    return this.once(address, async () =>
      URL.createObjectURL(await (await this.get(address)).blob()),
    );
  }

  facts(work) {
    return this.once(`/api/artworks/${work}`, async (address) => (await this.get(address)).json());
  }

  once(address, fetching) {
    if (this.fetched.size > 2000) this.fetched.clear();
    if (!this.fetched.has(address)) this.fetched.set(address, fetching(address).catch(() => null));
    return this.fetched.get(address);
  }
}

function channels(colour) {
  if (colour[0] !== "#") return (colour.match(/[\d.]+/g) ?? [255, 255, 255]).slice(0, 3).map(Number);
  const full = colour.length < 7 ? colour.replace(/[^#]/g, "$&$&") : colour;
  return [1, 3, 5].map((at) => parseInt(full.slice(at, at + 2), 16));
}

function between(colours, share) {
  const at = share * (colours.length - 1);
  const [low, high] = [Math.floor(at), Math.ceil(at)].map((place) => channels(colours[place]));
  const mixed = low.map((value, part) => Math.round(value + (high[part] - value) * (at % 1)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component;
  const root = parentElement.querySelector(".maps");
  root.atlas ??= new Atlas(root);
  root.atlas.show(data, setStateValue, setTriggerValue);
}
