// More ways to fill an upload box: a picture that is pasted, and a phone's camera.

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const input = () => document.querySelector(`.st-key-${data.box} input[type=file]`);

  const paste = (event) => {
    const picture = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    const box = input();
    if (!picture || !box) return;
    event.preventDefault();
    const chosen = new DataTransfer();
    chosen.items.add(picture);
    box.files = chosen.files;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  // A mouse has no camera on its back.
  button.hidden = !matchMedia("(pointer: coarse)").matches;
  button.onclick = () => {
    const box = input();
    box.accept = "image/*";
    box.setAttribute("capture", "environment");
    box.click();
    box.removeAttribute("capture");
  };
  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}
