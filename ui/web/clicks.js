// Tells of clicks on what works offer: buttons, and links, which stay links for a new tab.

export default function ({ setTriggerValue }) {
  const tell = (event) => {
    // Through the components, whose links are not in the document itself.
    const clicked = event.composedPath().find((one) => one.matches?.("[data-does]"));
    const held = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!clicked || event.button !== 0 || (held && clicked.matches("a"))) return;
    event.preventDefault();
    setTriggerValue("clicked", { ...clicked.dataset });
  };
  document.addEventListener("click", tell);
  document.body.dataset.hearsClicks = "";
  return () => document.removeEventListener("click", tell);
}
