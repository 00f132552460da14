// A picture on which a part is drawn with the pointer, or moved with the arrow keys.
// Shares of the picture's sides: [left, top, width, height]; null for the whole picture.

const SMALLEST = 0.04;
const STEP = 0.02;
const HEIGHT = 56; // hundredths of the window

const within = (value, least, most) => Math.min(most, Math.max(least, value));

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const stage = parentElement.querySelector(".stage");
  const image = stage.querySelector("img");
  const box = stage.querySelector(".box");
  // As large as the dialog lets it be, however small the picture is.
  image.onload = () => {
    image.style.width = `min(100%, ${(HEIGHT * image.naturalWidth) / image.naturalHeight}vh)`;
  };
  if (image.src !== data.address) image.src = data.address;
  image.alt = data.description;
  if (stage.chosen === undefined) stage.chosen = data.part;

  const draw = () => {
    box.hidden = !stage.chosen;
    if (!stage.chosen) return;
    const [left, top, width, height] = stage.chosen;
    Object.assign(box.style, {
      left: `${left * 100}%`,
      top: `${top * 100}%`,
      width: `${width * 100}%`,
      height: `${height * 100}%`,
    });
  };
  const tell = () => setStateValue("part", stage.chosen);
  const place = (event) => {
    const frame = image.getBoundingClientRect();
    return [
      within((event.clientX - frame.left) / frame.width, 0, 1),
      within((event.clientY - frame.top) / frame.height, 0, 1),
    ];
  };
  const between = ([x, y], [u, v]) => [
    Math.min(x, u), Math.min(y, v), Math.abs(x - u), Math.abs(y - v),
  ];

  // A drag moves the box, or draws it anew from the corner that stays.
  let drag = null;
  stage.onpointerdown = (event) => {
    event.preventDefault();
    stage.setPointerCapture(event.pointerId);
    const at = place(event);
    const corner = event.target.dataset.corner;
    const before = stage.chosen;
    if (corner) {
      const [left, top, width, height] = before;
      drag = { from: [left + (corner[1] === "w" ? width : 0), top + (corner[0] === "n" ? height : 0)] };
    } else if (event.target === box) {
      drag = { at, box: before };
    } else {
      drag = { from: at };
    }
    drag.before = before;
    box.focus({ preventScroll: true });
  };
  stage.onpointermove = (event) => {
    if (!drag) return;
    const at = place(event);
    if (drag.box) {
      const [left, top, width, height] = drag.box;
      stage.chosen = [
        within(left + at[0] - drag.at[0], 0, 1 - width),
        within(top + at[1] - drag.at[1], 0, 1 - height),
        width,
        height,
      ];
    } else {
      stage.chosen = between(drag.from, at);
    }
    draw();
  };
  stage.onpointerup = () => {
    if (!drag) return;
    // A mere click draws nothing.
    if (stage.chosen && Math.min(stage.chosen[2], stage.chosen[3]) < SMALLEST) stage.chosen = drag.before;
    drag = null;
    draw();
    tell();
  };
  stage.onpointercancel = stage.onpointerup;

  // A first box for those without a pointer: the middle of the picture, to be moved and sized.
  stage.onkeydown = (event) => {
    if (stage.chosen || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    stage.chosen = [0.25, 0.25, 0.5, 0.5];
    draw();
    box.focus({ preventScroll: true });
    tell();
  };
  box.onkeydown = (event) => {
    const [x, y] = {
      ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
    }[event.key] ?? [0, 0];
    if ((!x && !y) || !stage.chosen) return;
    event.preventDefault();
    const [left, top, width, height] = stage.chosen;
    stage.chosen = event.shiftKey
      ? [left, top, within(width + x, SMALLEST, 1 - left), within(height + y, SMALLEST, 1 - top)]
      : [within(left + x, 0, 1 - width), within(top + y, 0, 1 - height), width, height];
    draw();
    tell();
  };
  draw();
}
