// Works beside each other that move together, and one laid over another; it needs deep_zoom.js.

const SLIVER = 1e-3; // of a picture's side, over which a scale is measured

// Places are [x, y] in shares of a picture's sides; homographies are rows of three.
const through = (matrix, [x, y]) => {
  const [u, v, w] = matrix.map(([a, b, c]) => a * x + b * y + c);
  return [u / w, v / w];
};
const times = (one, other) =>
  one.map((row) => [0, 1, 2].map((k) => row.reduce((sum, value, n) => sum + value * other[n][k], 0)));
const inverse = ([[a, b, c], [d, e, f], [g, h, i]]) => {
  const whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ].map((row) => row.map((value) => value / whole));
};
const SAME = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

// Where a viewer stands: the share of its picture in the middle, and its zoom beside the whole.
const standing = ({ viewport, world }) => {
  const { x: width, y: height } = world.getItemAt(0).getContentSize();
  const { x, y } = viewport.getCenter(true);
  return { width, height, at: [x, (y * width) / height], zoom: viewport.getZoom(true) };
};

// Have one viewer show what another shows, at the same size where it is known how the two lie.
const follow = (OpenSeadragon, led, leader, map) => {
  const from = standing(leader);
  const { viewport, world } = led;
  const home = leader.viewport.getHomeZoom();
  if (from.zoom <= home * 1.01) {
    viewport.goHome(true);
    return;
  }
  const { x: width, y: height } = world.getItemAt(0).getContentSize();
  let at = from.at;
  let zoom = (viewport.getHomeZoom() * from.zoom) / home;
  if (map) {
    const [u, v] = (at = through(map, from.at));
    const [s, t] = through(map, [from.at[0] + SLIVER, from.at[1]]);
    const scale = Math.hypot((s - u) * width, (t - v) * height) / (SLIVER * from.width);
    zoom = viewport.imageToViewportZoom(leader.viewport.viewportToImageZoom(from.zoom) / scale);
  }
  viewport.zoomTo(zoom, undefined, true);
  viewport.panTo(new OpenSeadragon.Point(at[0], (at[1] * height) / width), true);
};

const made = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
};

// The works beside each other. `maps` has, for each work, what takes its places to the first's.
class Panes {
  constructor(root, works, maps) {
    this.maps = maps;
    this.viewers = [];
    this.together = true;
    this.leader = null;
    root.replaceChildren(...works.map((work, number) => this.pane(work, number)));
  }

  pane(work, number) {
    const pane = made(
      '<figure class="pane"><div class="stage"><img></div>' +
        '<figcaption><a class="v-to-work"></a></figcaption></figure>',
    );
    const image = pane.querySelector("img");
    if (work.picture) image.src = work.picture;
    image.alt = work.title;
    const link = pane.querySelector("a");
    link.textContent = work.title;
    link.href = work.page;
    const address = new URL(work.page, document.baseURI);
    Object.assign(link.dataset, { does: "work", of: address.searchParams.get("id") });
    const stage = pane.querySelector(".stage");
    openViewer(stage, work)
      .then((viewer) => this.add(viewer, stage, image, number))
      .catch(() => {}); // the plain picture stays
    return pane;
  }

  add(viewer, stage, image, number) {
    this.viewers[number] = viewer;
    this.leader ??= viewer;
    for (const event of ["pointerdown", "pointerenter", "focusin", "wheel"]) {
      stage.addEventListener(event, () => (this.leader = viewer), { passive: true });
    }
    viewer.addHandler("viewport-change", () => {
      if (this.together && viewer === this.leader) this.move(viewer, number);
    });
    whenDrawn(viewer, () => {
      image.style.visibility = "hidden";
      stage.dataset.drawn = "true";
    });
  }

  move(leader, number) {
    this.viewers.forEach((led, other) => {
      if (led === leader) return;
      const [from, to] = [this.maps[number], this.maps[other]];
      const map = from && to ? times(inverse(to), from) : null;
      follow(window.OpenSeadragon, led, leader, map);
    });
  }

  use(tool) {
    const led = this.together && this.leader ? [this.leader] : this.viewers.filter(Boolean);
    useTool(tool, led);
  }
}

// One work laid over the first.
class Overlay {
  constructor(root, first) {
    this.root = root;
    this.stage = root.querySelector(".stage");
    this.base = this.stage.querySelector(".base");
    this.over = this.stage.querySelector(".over");
    this.image = this.over.querySelector("img");
    this.divider = this.stage.querySelector(".divider");
    [this.opacity, this.swipe] = root.querySelectorAll("input");
    this.base.src = first.picture;
    this.base.alt = first.title;
    root.style.setProperty("--shape", first.shape);
    for (const slider of [this.opacity, this.swipe]) slider.oninput = () => this.look();
    this.image.onload = () => this.place();
    new ResizeObserver(() => this.place()).observe(this.stage);
    this.divider.onpointerdown = (event) => this.divider.setPointerCapture(event.pointerId);
    this.divider.onpointermove = (event) => {
      if (!this.divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.stage.getBoundingClientRect();
      this.swipe.value = String((100 * (event.clientX - left)) / width);
      this.look();
    };
    this.first = first;
  }

  // The viewer is opened when it is seen: one that is hidden has no size.
  async open() {
    if (this.opening) return;
    this.opening = true;
    try {
      this.viewer = await openViewer(this.stage, this.first);
      this.stage.append(this.over, this.divider); // above the viewer
      for (const event of ["update-viewport", "resize"]) {
        this.viewer.addHandler(event, () => this.place());
      }
      whenDrawn(this.viewer, () => {
        this.base.style.visibility = "hidden";
      });
    } catch {
      // The plain picture stays.
    }
    this.place();
  }

  show(work, homography) {
    this.homography = homography;
    const sliders = this.root.querySelector(".sliders");
    for (const part of [this.stage, this.over, this.divider, sliders]) part.hidden = !homography;
    if (!homography) return;
    if (this.shown !== work.id) {
      this.shown = work.id;
      this.image.alt = work.title;
      fetched(work).then((address) => (this.image.src = address));
    }
    this.look();
    this.place();
  }

  look() {
    this.over.style.opacity = String(this.opacity.value / 100);
    this.over.style.clipPath = `inset(0 0 0 ${this.swipe.value}%)`;
    this.divider.style.left = `${this.swipe.value}%`;
  }

  // The rectangle of the first picture on the stage: left, top, width, height.
  rectangle() {
    if (this.viewer?.world.getItemAt(0)) {
      const bounds = this.viewer.world.getItemAt(0).getBounds(true);
      const corner = this.viewer.viewport.pixelFromPoint(bounds.getTopLeft(), true);
      const other = this.viewer.viewport.pixelFromPoint(bounds.getBottomRight(), true);
      return [corner.x, corner.y, other.x - corner.x, other.y - corner.y];
    }
    const { clientWidth, clientHeight } = this.stage;
    const width = Math.min(clientWidth, clientHeight * this.first.shape);
    const height = width / this.first.shape;
    return [(clientWidth - width) / 2, (clientHeight - height) / 2, width, height];
  }

  place() {
    const { naturalWidth, naturalHeight } = this.image;
    if (!this.homography || !naturalWidth) return;
    const [left, top, width, height] = this.rectangle();
    const shown = times(
      times([[width, 0, left], [0, height, top], [0, 0, 1]], this.homography),
      [[1 / naturalWidth, 0, 0], [0, 1 / naturalHeight, 0], [0, 0, 1]],
    );
    const [[a, b, c], [d, e, f], [g, h, i]] = shown;
    this.image.style.transform = `matrix3d(${[a, d, 0, g, b, e, 0, h, 0, 0, 1, 0, c, f, 0, i]})`;
    this.stage.dataset.placed = "true";
  }
}

// Where a picture as large as it is given out in one piece can be had from.
const fetched = async ({ address, key }) => {
  const whole = `${address}/full/max/0/default.jpg`;
  if (!key) return whole;
  const answer = await fetch(whole, { headers: withKey(key) });
  return URL.createObjectURL(await answer.blob());
};

const registered = async (first, other) => {
  const address = `/api/artworks/${first.id}/registration/${other.id}`;
  const answer = await fetch(address, { headers: withKey(first.key) });
  if (!answer.ok) throw new Error(`registration: ${answer.status}`);
  return answer.json();
};

const DIFFERENT =
  "These two do not show the same thing, so they cannot be laid over one another.";
const FAILED = "How these two lie could not be found out just now. Try again in a minute.";

const said = ({ homography, inliers, is_mirrored }) => {
  if (!homography) return DIFFERENT;
  return `Laid over by ${inliers.toLocaleString("en")} matched points${is_mirrored ? ", as a mirror image" : ""}.`;
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".compare");
  const works = data.works;
  const shown = works.map(({ id }) => id).join();
  if (root.shown === shown) return;
  root.shown = shown;
  const [first, ...others] = works;
  const maps = [SAME];
  const panes = new Panes(root.querySelector(".panes"), works, maps);
  const overlay = new Overlay(root.querySelector(".overlay"), first);
  const status = root.querySelector('[role="status"]');
  const choice = root.querySelector("select");
  const answers = new Map();
  let mode = "beside";
  choice.replaceChildren(
    ...others.map(({ title }, number) => new Option(title, String(number))),
  );
  choice.parentElement.hidden = others.length < 2;

  const laid = () => {
    const other = others[Number(choice.value) || 0];
    const answer = answers.get(other.id);
    overlay.show(other, answer?.homography);
    status.textContent = answer ? said(answer) : "Looking for what the two have in common …";
    if (answer?.failed) status.textContent = FAILED;
    root.toggleAttribute("data-apart", Boolean(answer) && !answer.homography);
    if (answer?.homography && mode === "over") overlay.open();
  };
  choice.onchange = laid;
  others.forEach((other, number) => {
    registered(first, other)
      .catch(() => ({ failed: true }))
      .then((answer) => {
        answers.set(other.id, answer);
        maps[number + 1] = answer.homography;
        laid();
      });
  });

  const change = (to) => {
    mode = to;
    root.dataset.mode = mode;
    for (const button of root.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    laid();
  };
  root.querySelector(".tools").onclick = (event) => {
    const { tool, mode: to } = event.target.closest("button")?.dataset ?? {};
    if (to) change(to);
    if (tool === "full") useTool("full", [], root);
    else if (tool && (mode === "beside" || root.hasAttribute("data-apart"))) panes.use(tool);
    else if (tool && overlay.viewer) useTool(tool, [overlay.viewer]);
  };
  root.querySelector(".together").onchange = (event) => {
    panes.together = event.target.checked;
  };
  change("beside");
}
