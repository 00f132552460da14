// Tells of clicks on what works offer: buttons, and links, which stay links for a new tab.

let setTriggerValue = null;

// Once for all: Streamlit runs the component again when the theme changes, and does not clean up.
document.addEventListener("click", (event) => {
  // Through the components, whose links are not in the document itself.
  const clicked = event.composedPath().find((one) => one.matches?.("[data-does]"));
  const held = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!clicked || event.button !== 0 || (held && clicked.matches("a"))) return;
  event.preventDefault();
  setTriggerValue("clicked", { ...clicked.dataset });
});

export default function (component) {
  ({ setTriggerValue } = component);
  document.body.dataset.hearsClicks = "";
}
