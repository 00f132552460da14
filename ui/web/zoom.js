// The picture of a work, to be looked into; it needs what is in deep_zoom.js.

export default function ({ data, parentElement }) {
  const figure = parentElement.querySelector("figure");
  const stage = figure.querySelector(".stage");
  const image = stage.querySelector("img");
  const tools = figure.querySelector(".tools");
  figure.style.setProperty("--shape", data.shape);
  if (image.getAttribute("src") !== data.picture) image.src = data.picture;
  image.alt = data.title;
  if (stage.opened === data.address) return;
  stage.opened = data.address;
  stage.viewer?.destroy();
  stage.querySelector(".viewer")?.remove();
  tools.hidden = true;
  image.style.visibility = "";
  delete stage.dataset.drawn;

  openViewer(stage, data)
    .then((viewer) => {
      tools.hidden = false;
      tools.querySelector('[data-tool="full"]').hidden = !document.fullscreenEnabled;
      tools.onclick = (event) => {
        const tool = event.target.closest("button")?.dataset.tool;
        if (tool) useTool(tool, [viewer], figure);
      };
      // The plain picture is beneath until the whole of it has been drawn over.
      whenDrawn(viewer, () => {
        image.style.visibility = "hidden";
        stage.dataset.drawn = "true";
      });
    })
    .catch(() => {
      tools.remove(); // the plain picture stays
    });
}
