// Tells of clicks on links to works and comparisons, which stay links for a new tab.

export default function ({ setTriggerValue }) {
  const follow = (event) => {
    // Through the components, whose links are not in the document itself.
    const link = event.composedPath().find((one) => one.matches?.("a.v-to-work, a.v-to-compare"));
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!link || elsewhere || event.button !== 0) return;
    event.preventDefault();
    const kind = link.matches(".v-to-compare") ? "comparison" : "work";
    setTriggerValue(kind, new URL(link.href).searchParams.getAll("id").join());
  };
  document.addEventListener("click", follow);
  return () => document.removeEventListener("click", follow);
}
