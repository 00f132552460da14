// Pictures to be looked into with OpenSeadragon, which the page's own server has. Where it is not
// there, the plain picture stays.

const STEP = 1.5; // of a button
const CLOSEST = 4; // pixels of the screen to one of the picture

// One promise for all viewers of the page, whichever script asks.
const loaded = (library) => {
  window.vasariViewer ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = library;
    script.onload = () => resolve(window.OpenSeadragon);
    script.onerror = () => {
      window.vasariViewer = undefined;
      reject(new Error("there is no viewer"));
    };
    document.head.append(script);
  });
  return window.vasariViewer;
};

const withKey = (key) => (key ? { Authorization: `Bearer ${key}` } : {});

// The description of a picture, at this page's own address whatever a proxy has made of it.
const described = async (address, headers) => {
  const answer = await fetch(`${address}/info.json`, { headers });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return { ...(await answer.json()), id: new URL(address, location.href).href };
};

// Lay a viewer over a plain picture. `stage` holds both; returns the viewer once it has the picture.
const openViewer = async (stage, { address, library, title, key }) => {
  const headers = withKey(key);
  const [OpenSeadragon, info] = await Promise.all([loaded(library), described(address, headers)]);
  const place = document.createElement("div");
  place.className = "viewer";
  stage.append(place);
  const viewer = OpenSeadragon({
    element: place,
    tileSources: info,
    loadTilesWithAjax: Boolean(key),
    ajaxHeaders: headers,
    drawer: "canvas",
    showNavigationControl: false,
    // The page scrolls, but where the picture has been chosen.
    gestureSettingsMouse: { scrollToZoom: false, clickToZoom: false, dblClickToZoom: true },
    gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: true },
    animationTime: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 0.5,
    maxZoomPixelRatio: CLOSEST,
    minZoomImageRatio: 1,
    visibilityRatio: 1,
    constrainDuringPan: true,
    zoomPerClick: STEP,
    maxImageCacheCount: 120,
    imageLoaderLimit: 6,
    timeout: 60000,
    preserveImageSizeOnResize: false,
  });
  const area = viewer.canvas;
  area.setAttribute("role", "application");
  area.setAttribute(
    "aria-label",
    `${title}. Arrow keys move, plus and minus zoom, 0 shows the whole picture.`,
  );
  const wheel = (on) => {
    viewer.gestureSettingsMouse.scrollToZoom = on;
  };
  area.addEventListener("focus", () => wheel(true));
  area.addEventListener("blur", () => wheel(Boolean(document.fullscreenElement)));
  // One finger scrolls the page for as long as the whole picture is seen.
  const touch = () => {
    const whole = viewer.viewport.getZoom(true) <= viewer.viewport.getHomeZoom() * 1.01;
    for (const one of [area, viewer.container]) one.style.touchAction = whole ? "pan-y" : "none";
  };
  viewer.addHandler("open", touch);
  viewer.addHandler("animation-finish", touch);
  viewer.addHandler("zoom", touch);
  await new Promise((resolve, reject) => {
    viewer.addOnceHandler("open", resolve);
    viewer.addOnceHandler("open-failed", () => reject(new Error("the picture cannot be opened")));
  });
  stage.viewer = viewer;
  return viewer;
};

// Call back once all of the picture has been drawn, over the plain one.
const whenDrawn = (viewer, done) => {
  const item = viewer.world.getItemAt(0);
  if (item.getFullyLoaded()) done();
  else item.addOnceHandler("fully-loaded-change", done);
};

// What a button with the name of a tool does to viewers.
const useTool = (tool, viewers, stage) => {
  if (tool === "full") {
    if (document.fullscreenElement) document.exitFullscreen();
    else stage.requestFullscreen?.();
    return;
  }
  for (const { viewport } of viewers) {
    if (tool === "whole") viewport.goHome();
    else viewport.zoomBy(tool === "in" ? STEP : 1 / STEP);
    viewport.applyConstraints();
  }
};
