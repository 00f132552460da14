// A picture with numbered spots, on which a place can be pointed at.
// Everything is in shares of the picture's sides; the place is [x, y].

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const stage = parentElement.querySelector(".stage");
  const image = stage.querySelector("img");
  if (image.src !== data.address) image.src = data.address;
  image.alt = data.description;
  stage.classList.toggle("live", data.live);
  stage.querySelectorAll(".spot, .frame").forEach((old) => old.remove());

  const lay = (kind, left, top) => {
    const mark = document.createElement("span");
    mark.className = kind;
    mark.style.left = `${left * 100}%`;
    mark.style.top = `${top * 100}%`;
    stage.append(mark);
    return mark;
  };
  data.spots.forEach(([x, y], place) => {
    lay("spot", x, y).textContent = String(place + 1);
  });
  if (data.frame) {
    const [left, top, width, height] = data.frame;
    const frame = lay("frame", left, top);
    frame.style.width = `${width * 100}%`;
    frame.style.height = `${height * 100}%`;
  }
  stage.onclick = (event) => {
    if (!data.live) return;
    const shown = image.getBoundingClientRect();
    setStateValue("at", [
      Math.min(1, Math.max(0, (event.clientX - shown.left) / shown.width)),
      Math.min(1, Math.max(0, (event.clientY - shown.top) / shown.height)),
    ]);
  };
}
